import { screen, waitFor } from '@testing-library/react';
import { expect, test } from 'vitest';

import { bulkStatus, currentRun } from '@/components/settings/bulkStatus.fixture';
import { show } from '@/test/render';
import { answer } from '@/test/server';
import { playSocket } from '@/test/socket';

import { RunIndicator } from './RunIndicator';

const socket = playSocket();

test('a run is seen on every page, with how far it is, and leads to where it is shown', async () => {
  answer('/enrichment/bulk-status', { ...bulkStatus({ currentRun: currentRun() }) });
  show(<RunIndicator />);

  const link = await screen.findByRole('link', { name: /^Enriching library: ?42%$/ });
  expect(link).toHaveAttribute('href', '/settings/general');

  socket.send({ type: 'bulk:progress', ...currentRun({ progress: 43, seq: 4801 }) });
  expect(await screen.findByRole('link', { name: /^Enriching library: ?43%$/ })).toBeInTheDocument();
});

test('without a run there is nothing to see', async () => {
  answer('/enrichment/bulk-status', { ...bulkStatus() });
  const { client } = show(<RunIndicator />);

  await waitFor(() => expect(client.getQueryData(['enrichment', 'bulk-status'])).toBeDefined());
  expect(screen.queryByRole('link')).not.toBeInTheDocument();
});
