import type { QueryClient } from '@tanstack/react-query';

import type { BulkEnrichmentStatus } from '@/types/enrichment';
import type { BulkProgress, ServerFrame, Subscribed } from '@/types/live';
import { queryKeys } from '@/utils/queryKeys';

import { afterFrame, type MovieJob } from './movieJob';

/** Brings what is cached up to a live message: progress is taken over, an end makes what it changed be read anew. */
export function applyFrame(client: QueryClient, frame: ServerFrame, libraryChanged: () => void): void {
  switch (frame.type) {
    case 'enrichment:progress':
    case 'enrichment:complete':
    case 'enrichment:failed':
      client.setQueryData<MovieJob>(queryKeys.movieJob(frame.movieId), (known) => afterFrame(known, frame));
      if (frame.type === 'enrichment:progress') return;
      refetch(client, queryKeys.movie(frame.movieId));
      libraryChanged();
      return;
    case 'bulk:progress':
      client.setQueryData<BulkEnrichmentStatus>(queryKeys.bulkStatus, (known) =>
        withProgress(known, frame, sinceUpdate(client)),
      );
      if (!isShown(client, frame.jobId)) refetch(client, queryKeys.bulkStatus);
      return;
    case 'bulk:rate_limit':
      refetch(client, queryKeys.bulkStatus);
      refetch(client, queryKeys.providers);
      return;
    case 'bulk:complete':
      refetch(client, queryKeys.bulkStatus);
      refetch(client, queryKeys.providers);
      refetch(client, queryKeys.activity);
      refetch(client, queryKeys.job(frame.jobId));
      libraryChanged();
      return;
    case 'subscribed':
      takeOver(client, frame);
      return;
    case 'error':
      if (frame.movieId !== null) refetch(client, queryKeys.movie(frame.movieId));
      return;
    case 'unsubscribed':
    case 'pong':
  }
}

function refetch(client: QueryClient, queryKey: readonly unknown[]) {
  void client.invalidateQueries({ queryKey });
}

function takeOver(client: QueryClient, { channel, movieId, status }: Subscribed) {
  if (status === null) return;
  if (channel === 'bulk:enrichment') {
    client.setQueryData(queryKeys.bulkStatus, status);
  } else if (movieId !== null) {
    client.setQueryData(queryKeys.movieStatus(movieId), status);
  }
}

const isShown = (client: QueryClient, jobId: number) =>
  client.getQueryData<BulkEnrichmentStatus>(queryKeys.bulkStatus)?.currentRun?.jobId === jobId;

/** Seconds since the run's figures came. No clock but this one is in it: the server's may go another way. */
function sinceUpdate(client: QueryClient): number {
  const updatedAt = client.getQueryState(queryKeys.bulkStatus)?.dataUpdatedAt ?? 0;
  return Math.max(0, Date.now() - updatedAt) / 1000;
}

function withProgress(
  known: BulkEnrichmentStatus | undefined,
  frame: BulkProgress,
  since: number,
): BulkEnrichmentStatus | undefined {
  const run = known?.currentRun;
  if (!known || run?.jobId !== frame.jobId || frame.seq < run.seq) return known;
  const elapsed = run.elapsed + since;
  return {
    ...known,
    currentRun: {
      ...run,
      progress: frame.progress,
      processedMovies: frame.processedMovies,
      totalMovies: frame.totalMovies,
      currentMovie: frame.currentMovie,
      rateLimitedProviders: frame.rateLimitedProviders,
      stats: frame.stats,
      waiting: frame.waiting,
      waitingUntil: frame.waitingUntil,
      seq: frame.seq,
      state: run.state === 'cancelling' ? 'cancelling' : 'running',
      elapsed,
      estimatedRemaining:
        frame.waiting || frame.processedMovies === 0
          ? null
          : Math.round((elapsed / frame.processedMovies) * frame.stats.remaining),
    },
  };
}
