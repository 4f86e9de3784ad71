import { screen, waitFor } from '@testing-library/react';
import { expect, test } from 'vitest';

import { show } from '@/test/render';
import { answer } from '@/test/server';
import { playSocket } from '@/test/socket';

import { DemoBanner } from './DemoBanner';

playSocket();

test('a demo says so', async () => {
  answer('/about', { version: '1', demo: true });
  show(<DemoBanner />);

  expect(await screen.findByText('Demo data')).toBeInTheDocument();
});

test('a library of somebody does not', async () => {
  const asked = answer('/about', { version: '1', demo: false });
  const { client } = show(<DemoBanner />);

  await waitFor(() => expect(client.getQueryData(['about'])).toBeDefined());
  expect(asked).toHaveLength(1);
  expect(screen.queryByText('Demo data')).not.toBeInTheDocument();
});
