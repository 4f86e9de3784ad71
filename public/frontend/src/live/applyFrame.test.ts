import { QueryClient } from '@tanstack/react-query';
import { beforeEach, describe, expect, test, vi } from 'vitest';

import { bulkStatus, currentRun, lastRun } from '@/components/settings/bulkStatus.fixture';
import type { BulkEnrichmentStatus, CurrentRun } from '@/types/enrichment';
import type { BulkProgress, ServerFrame } from '@/types/live';
import { queryKeys } from '@/utils/queryKeys';

import { applyFrame } from './applyFrame';

let client: QueryClient;
const libraryChanged = vi.fn();

/** What may be made to be read anew. */
const READ = {
  bulkStatus: queryKeys.bulkStatus,
  providers: queryKeys.providers,
  activity: queryKeys.activity,
  job: queryKeys.job(901),
  movie: queryKeys.movie(7),
  movieStatus: queryKeys.movieStatus(7),
  otherMovie: queryKeys.movie(8),
  rules: queryKeys.rules,
} as const;

const apply = (frame: ServerFrame) => applyFrame(client, frame, libraryChanged);

const readAnew = () =>
  Object.entries(READ)
    .filter(([, key]) => client.getQueryState(key)?.isInvalidated)
    .map(([name]) => name);

const shownRun = () => client.getQueryData<BulkEnrichmentStatus>(queryKeys.bulkStatus)?.currentRun;

const progress = (changes: Partial<BulkProgress> = {}): BulkProgress => {
  const { jobId, totalMovies, rateLimitedProviders, waiting, waitingUntil } = currentRun();
  return {
    type: 'bulk:progress',
    jobId,
    seq: 4801,
    progress: 50,
    processedMovies: 762,
    totalMovies,
    currentMovie: { id: 763, title: 'Heat' },
    rateLimitedProviders,
    stats: { totalMovies, processed: 600, skipped: 161, failed: 1, remaining: 761 },
    waiting,
    waitingUntil,
    ...changes,
  };
};

const showRun = (changes: Partial<CurrentRun> = {}, updatedAt = Date.now()) =>
  client.setQueryData(queryKeys.bulkStatus, bulkStatus({ currentRun: currentRun(changes) }), { updatedAt });

beforeEach(() => {
  client = new QueryClient();
  libraryChanged.mockReset();
  for (const key of Object.values(READ)) client.setQueryData(key, {});
  client.setQueryData(queryKeys.bulkStatus, bulkStatus());
});

describe('of a movie', () => {
  const ofMovie = { movieId: 7, jobId: 31 };

  test('progress is kept as its job, and nothing is read anew', () => {
    apply({
      type: 'enrichment:progress',
      ...ofMovie,
      progress: 33,
      currentProvider: 'omdb',
      providersComplete: ['tmdb'],
      providersRemaining: ['omdb', 'fanart'],
    });

    expect(client.getQueryData(queryKeys.movieJob(7))).toMatchObject({ state: 'running', progress: 33 });
    expect(readAnew()).toEqual([]);
    expect(libraryChanged).not.toHaveBeenCalled();
  });

  test('its completion makes the movie and the library be read anew', () => {
    apply({
      type: 'enrichment:complete',
      ...ofMovie,
      seq: 9,
      completeness: 92,
      partial: false,
      rateLimitedProviders: [],
      freshSince: null,
    });

    expect(client.getQueryData(queryKeys.movieJob(7))).toMatchObject({ state: 'completed' });
    expect(readAnew()).toEqual(['movie', 'movieStatus']);
    expect(libraryChanged).toHaveBeenCalledOnce();
  });

  test('its failure does so too', () => {
    const error = 'All providers failed';
    apply({ type: 'enrichment:failed', ...ofMovie, seq: 9, error, code: 'all_providers_failed' });

    expect(client.getQueryData(queryKeys.movieJob(7))).toMatchObject({ state: 'failed', error });
    expect(readAnew()).toEqual(['movie', 'movieStatus']);
    expect(libraryChanged).toHaveBeenCalledOnce();
  });

  test('the state that a subscription begins with is taken over', () => {
    const status = { movieId: 7, completeness: 85 };

    apply({ type: 'subscribed', channel: 'movie:enrichment', movieId: 7, status: status as never });

    expect(client.getQueryData(queryKeys.movieStatus(7))).toEqual(status);
  });

  test('an error about it makes it be read anew, one about nothing does not', () => {
    apply({ type: 'error', error: 'Unknown channel', code: 'invalid_frame', movieId: null });
    expect(readAnew()).toEqual([]);

    apply({ type: 'error', error: 'Movie not found', code: 'movie_not_found', movieId: 7 });
    expect(readAnew()).toEqual(['movie', 'movieStatus']);
  });
});

describe('of a run', () => {
  test('progress moves the run on that is shown', () => {
    showRun();

    apply(progress({ rateLimitedProviders: ['omdb'] }));

    expect(shownRun()).toMatchObject({
      progress: 50,
      processedMovies: 762,
      currentMovie: { id: 763, title: 'Heat' },
      rateLimitedProviders: ['omdb'],
      seq: 4801,
      state: 'running',
    });
    expect(readAnew()).toEqual([]);
  });

  test('its time goes on by the time since the last message, whatever the clock of the server says', () => {
    showRun({ elapsed: 1000, startedAt: '2001-01-01T00:00:00Z' }, Date.now() - 16_000);

    apply(progress());

    expect(shownRun()?.elapsed).toBeCloseTo(1016, 0);
    expect(shownRun()?.estimatedRemaining).toBeCloseTo((1016 / 762) * 761, -1);
  });

  test('while it waits, and before the first movie, nobody knows how long it takes', () => {
    showRun();
    const waitingUntil = '2025-11-22T05:30:00Z';
    apply(progress({ waiting: 'TMDB does not answer', waitingUntil }));
    expect(shownRun()).toMatchObject({ waitingUntil, estimatedRemaining: null });

    apply(progress({ seq: 4802, processedMovies: 0 }));
    expect(shownRun()).toMatchObject({ waiting: null, estimatedRemaining: null });
  });

  test('an older message changes nothing', () => {
    showRun({ seq: 4900 });

    apply(progress());

    expect(shownRun()).toMatchObject({ seq: 4900, processedMovies: 640 });
  });

  test('a queued run goes on with its first message, a cancelled one stays so', () => {
    showRun({ state: 'queued', seq: 0 });
    apply(progress());
    expect(shownRun()?.state).toBe('running');

    showRun({ state: 'cancelling' });
    apply(progress());
    expect(shownRun()?.state).toBe('cancelling');
  });

  test.each([
    ['no run is shown', null],
    ['another run is shown', currentRun({ jobId: 900 })],
  ])('where %s, it is read which one goes on', (_case, run) => {
    client.setQueryData(queryKeys.bulkStatus, bulkStatus({ currentRun: run }));

    apply(progress());

    expect(readAnew()).toEqual(['bulkStatus']);
    expect(shownRun()).toEqual(run);
  });

  test('a rate limit makes the run and the providers be read anew', () => {
    apply({
      type: 'bulk:rate_limit',
      jobId: 901,
      seq: 4802,
      provider: 'omdb',
      processedMovies: 500,
      totalMovies: 1523,
      message: 'OMDB rate limit reached - stopping bulk enrichment',
      until: null,
    });

    expect(readAnew()).toEqual(['bulkStatus', 'providers']);
  });

  test('its end makes all be read anew that it has changed', () => {
    const { status, stats, rateLimitHit, rateLimitedProviders, error } = lastRun();
    apply({
      type: 'bulk:complete',
      jobId: 901,
      seq: 4803,
      status,
      stats,
      rateLimitHit,
      rateLimitedProviders,
      error,
    });

    expect(readAnew()).toEqual(['bulkStatus', 'providers', 'activity', 'job']);
    expect(libraryChanged).toHaveBeenCalledOnce();
  });

  test('the state that a subscription begins with is taken over; none changes nothing', () => {
    const status = bulkStatus({ totalMovies: 3 });
    apply({ type: 'subscribed', channel: 'bulk:enrichment', movieId: null, status });
    expect(client.getQueryData(queryKeys.bulkStatus)).toEqual(status);

    apply({ type: 'subscribed', channel: 'bulk:enrichment', movieId: null, status: null });
    expect(client.getQueryData(queryKeys.bulkStatus)).toEqual(status);
  });
});

test.each(['unsubscribed', 'pong'] as const)('%s changes nothing', (type) => {
  apply({ type });

  expect(readAnew()).toEqual([]);
  expect(libraryChanged).not.toHaveBeenCalled();
});
