import type { QueryClient } from '@tanstack/react-query';

import type { MovieDetails, ProviderStates } from '@/types/api';
import type { BulkEnrichmentStatus, MovieEnrichmentStatus } from '@/types/enrichment';
import type { BulkProgress, EnrichmentComplete, ServerFrame, Subscribed } from '@/types/live';
import { queryKeys } from '@/utils/queryKeys';

import { afterRead, afterProgress, isNews } from './bulkRun';
import { afterFrame, type MovieJob } from './movieJob';

/** What many messages may change within a moment; whoever is told chooses when it is read anew. */
export interface Changed {
  /** Figures over the whole library, and the list of its films. */
  library: () => void;
  providers: () => void;
  /** What providers were asked today. */
  requests: () => void;
}

/** Brings what is cached up to a live message: progress is taken over, an end makes what it changed be read anew. */
export function applyFrame(client: QueryClient, frame: ServerFrame, changed: Changed): void {
  switch (frame.type) {
    case 'enrichment:progress':
    case 'enrichment:complete':
    case 'enrichment:failed':
      // A run tells of every film of the library, a page watches one or two of them.
      if (isKnown(client, queryKeys.movieJob(frame.movieId))) {
        client.setQueryData<MovieJob>(queryKeys.movieJob(frame.movieId), (known) => afterFrame(known, frame));
      }
      if (frame.type === 'enrichment:progress') return;
      refetchMovie(client, frame.movieId);
      changed.library();
      if (frame.type === 'enrichment:complete' && isLimitNews(client, frame)) changed.providers();
      return;
    case 'bulk:progress':
      applyProgress(client, frame);
      changed.requests();
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
      changed.library();
      return;
    case 'subscribed':
      takeOver(client, frame);
      return;
    case 'error':
      if (frame.movieId !== null) refetchMovie(client, frame.movieId);
      return;
    case 'unsubscribed':
    case 'pong':
  }
}

function refetch(client: QueryClient, queryKey: readonly unknown[]) {
  void client.invalidateQueries({ queryKey });
}

const isKnown = (client: QueryClient, queryKey: readonly unknown[]) =>
  client.getQueryState(queryKey) !== undefined;

/** To look for what begins with a film's key all keys are gone through: only for a film that is there. */
function refetchMovie(client: QueryClient, movieId: number) {
  if (isKnown(client, queryKeys.movie(movieId)) || isKnown(client, queryKeys.movieStatus(movieId))) {
    refetch(client, queryKeys.movie(movieId));
  }
}

/** Whether the film met a rate limit that is not shown yet. */
function isLimitNews(client: QueryClient, { rateLimitedProviders }: EnrichmentComplete) {
  const shown = client.getQueryData<ProviderStates>(queryKeys.providers)?.providers ?? [];
  return shown.some(({ name, state }) => state === 'on' && rateLimitedProviders.includes(name));
}

function takeOver(client: QueryClient, { channel, movieId, status }: Subscribed) {
  if (status === null) return;
  if (channel === 'bulk:enrichment') {
    const told = status as BulkEnrichmentStatus;
    client.setQueryData<BulkEnrichmentStatus>(queryKeys.bulkStatus, (known) =>
      afterRead(known, told, sinceUpdate(client)),
    );
  } else if (movieId !== null) {
    const told = status as MovieEnrichmentStatus;
    client.setQueryData(queryKeys.movieStatus(movieId), told);
    const movie = client.getQueryData<MovieDetails>(queryKeys.movie(movieId));
    if (movie && isOlder(movie, told)) {
      void client.invalidateQueries({ queryKey: queryKeys.movie(movieId), exact: true });
    }
  }
}

/** Whether the film was read before what its status tells of. */
const isOlder = (movie: MovieDetails, status: MovieEnrichmentStatus) =>
  movie.lastEnriched !== status.lastEnriched ||
  movie.completeness !== status.completeness ||
  movie.identification !== status.identification;

function applyProgress(client: QueryClient, frame: BulkProgress) {
  const known = client.getQueryData<BulkEnrichmentStatus>(queryKeys.bulkStatus);
  if (known && isNews(known, frame)) {
    client.setQueryData(queryKeys.bulkStatus, afterProgress(known, frame, sinceUpdate(client)));
  } else if (!isShown(client, frame.jobId)) {
    void readRun(client, frame.jobId);
  }
}

/** Messages may come faster than answers: one that is on its way is waited for, and may be too old to know the run. */
async function readRun(client: QueryClient, jobId: number) {
  const read = () => client.invalidateQueries({ queryKey: queryKeys.bulkStatus }, { cancelRefetch: false });
  await read();
  if (!isShown(client, jobId)) await read();
}

const isShown = (client: QueryClient, jobId: number) =>
  client.getQueryData<BulkEnrichmentStatus>(queryKeys.bulkStatus)?.currentRun?.jobId === jobId;

/** Seconds since the run's figures came. No clock but this one is in it: the server's may go another way. */
export function sinceUpdate(client: QueryClient): number {
  const updatedAt = client.getQueryState(queryKeys.bulkStatus)?.dataUpdatedAt ?? 0;
  return Math.max(0, Date.now() - updatedAt) / 1000;
}
