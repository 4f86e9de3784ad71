import { screen, waitFor } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';

import { show } from '@/test/render';
import { answer, refuse } from '@/test/server';
import { playSocket } from '@/test/socket';

import { DemoBanner } from './DemoBanner';

playSocket();

afterEach(() => void vi.useRealTimers());

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

test('a demo says so while the server is away, too', async () => {
  answer('/about', { version: '1', demo: true });
  const { unmount } = show(<DemoBanner />);
  await screen.findByText('Demo data');
  unmount();

  refuse('/about', 500, 'internal', 'Internal error');
  const { client } = show(<DemoBanner />);

  await waitFor(() => expect(client.getQueryState(['about'])?.status).toBe('error'));
  expect(screen.getByText('Demo data')).toBeVisible();
});

test('what could not be asked at first is asked until it is known', async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  refuse('/about', 500, 'internal', 'Internal error');
  const { client } = show(<DemoBanner />);
  await waitFor(() => expect(client.getQueryState(['about'])?.status).toBe('error'));

  answer('/about', { version: '1', demo: true });
  await vi.advanceTimersByTimeAsync(5_000);

  expect(await screen.findByText('Demo data')).toBeVisible();
});
