import { screen, waitFor } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { expect, test } from 'vitest';

import { ConnectionState } from '@/components/layout/ConnectionState';
import { BulkEnrichmentCard } from '@/components/settings/BulkEnrichmentCard';
import { bulkStatus, currentRun, lastRun } from '@/components/settings/bulkStatus.fixture';
import { show } from '@/test/render';
import { answer, server } from '@/test/server';
import { playSocket } from '@/test/socket';
import type { BulkEnrichmentStatus } from '@/types/enrichment';

const STATUS = '/enrichment/bulk-status';
const socket = playSocket();

/** Shows the run, live, as the API tells of it at first. */
async function showRun(status: BulkEnrichmentStatus, first: string) {
  answer(STATUS, { ...status });
  const shown = show(
    <>
      <ConnectionState />
      <BulkEnrichmentCard />
    </>,
  );
  await screen.findByRole('button', { name: 'Live' });
  await screen.findAllByText(first);
  return shown;
}

test.each([
  ['nothing has run before', null],
  ['another run has ended before', lastRun()],
])('a run that waits to begin and is refused is shown no more, where %s', async (_case, before) => {
  const queued = currentRun({ state: 'queued', seq: 0, processedMovies: 0 });
  await showRun(bulkStatus({ lastRun: before, currentRun: queued }), 'Waiting to begin ...');
  const asked = answer(STATUS, { ...bulkStatus({ lastRun: before }) });

  socket.send({
    type: 'bulk:complete',
    jobId: queued.jobId,
    seq: 4803,
    status: 'failed',
    stats: { totalMovies: 0, processed: 0, skipped: 0, failed: 0 },
    rateLimitHit: false,
    rateLimitedProviders: [],
    error: 'Another run goes on',
  });

  expect(await screen.findByRole('button', { name: 'Run Now' })).toBeInTheDocument();
  expect(screen.queryByText('Waiting to begin ...')).not.toBeInTheDocument();
  expect(asked).toHaveLength(1);
});

test('an answer that messages have overtaken does not set the run back', async () => {
  const { client } = await showRun(bulkStatus({ currentRun: currentRun() }), '640 / 1,523 movies');
  let release: (() => void) | undefined;
  const held = new Promise<void>((end) => (release = end));
  server.use(
    http.get(`/api${STATUS}`, async () => {
      await held;
      return HttpResponse.json({ success: true, data: bulkStatus({ currentRun: currentRun() }) });
    }),
  );

  const read = client.refetchQueries();
  const { jobId, totalMovies, currentMovie, rateLimitedProviders, stats, waiting, waitingUntil } =
    currentRun();
  socket.send({
    type: 'bulk:progress',
    jobId,
    seq: 4801,
    progress: 50,
    processedMovies: 762,
    totalMovies,
    currentMovie,
    rateLimitedProviders,
    stats,
    waiting,
    waitingUntil,
  });
  expect(await screen.findByText('762 / 1,523 movies')).toBeInTheDocument();
  release?.();
  await read;

  await waitFor(() => expect(client.isFetching()).toBe(0));
  expect(screen.getByText('762 / 1,523 movies')).toBeInTheDocument();
});
