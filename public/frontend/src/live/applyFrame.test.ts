import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { beforeEach, describe, expect, test, vi } from 'vitest';

import { aStatus } from '@/components/movie/testData';
import { bulkStatus, currentRun, lastRun } from '@/components/settings/bulkStatus.fixture';
import type { BulkEnrichmentStatus, CurrentRun } from '@/types/enrichment';
import type { BulkProgress, EnrichmentComplete, ServerFrame } from '@/types/live';
import { queryKeys } from '@/utils/queryKeys';

import { applyFrame } from './applyFrame';

let client: QueryClient;
const libraryChanged = vi.fn<() => void>();
const providersChanged = vi.fn<() => void>();
const requestsChanged = vi.fn<() => void>();

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

const apply = (frame: ServerFrame) =>
  applyFrame(client, frame, {
    library: libraryChanged,
    providers: providersChanged,
    requests: requestsChanged,
  });

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
    currentMovie: { id: 763, title: 'Heat', year: 1995 },
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
  providersChanged.mockReset();
  requestsChanged.mockReset();
  for (const key of Object.values(READ)) client.setQueryData(key, {});
  client.setQueryData(queryKeys.bulkStatus, bulkStatus());
});

describe('of a movie', () => {
  const ofMovie = { movieId: 7, jobId: 31 };
  const complete: EnrichmentComplete = {
    type: 'enrichment:complete',
    ...ofMovie,
    seq: 9,
    completeness: 92,
    partial: false,
    rateLimitedProviders: [],
    freshSince: null,
  };

  /** As a page does that watches the film's job. */
  beforeEach(() => void client.getQueryCache().build(client, { queryKey: queryKeys.movieJob(7) }));

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
    apply(complete);

    expect(client.getQueryData(queryKeys.movieJob(7))).toMatchObject({ state: 'completed' });
    expect(readAnew()).toEqual(['movie', 'movieStatus']);
    expect(libraryChanged).toHaveBeenCalledOnce();
    expect(providersChanged).not.toHaveBeenCalled();
  });

  test('what nobody watches is not noted, nor looked for among all that is cached', () => {
    const looked = vi.spyOn(client.getQueryCache(), 'findAll');
    const kept = client.getQueryCache().getAll().length;

    apply({ ...complete, movieId: 9 });
    apply({
      type: 'enrichment:failed',
      movieId: 10,
      jobId: 32,
      seq: 10,
      error: 'No answer',
      code: 'gave_up',
    });

    expect(client.getQueryCache().getAll()).toHaveLength(kept);
    expect(looked).not.toHaveBeenCalled();
    expect(libraryChanged).toHaveBeenCalledTimes(2);
  });

  test.each([
    ['on', 1],
    ['paused', 0],
  ])(
    'a rate limit of a provider that is shown as %s: the providers are read anew %i times',
    (state, times) => {
      client.setQueryData(queryKeys.providers, { providers: [{ name: 'omdb', state }] });

      apply({ ...complete, partial: true, rateLimitedProviders: ['omdb'] });

      expect(providersChanged).toHaveBeenCalledTimes(times);
    },
  );

  test('its failure does so too', () => {
    const error = 'All providers failed';
    apply({ type: 'enrichment:failed', ...ofMovie, seq: 9, error, code: 'all_providers_failed' });

    expect(client.getQueryData(queryKeys.movieJob(7))).toMatchObject({ state: 'failed', error });
    expect(readAnew()).toEqual(['movie', 'movieStatus']);
    expect(libraryChanged).toHaveBeenCalledOnce();
  });

  test('the state that a subscription begins with is taken over', () => {
    const status = aStatus({ completeness: 85 });

    apply({ type: 'subscribed', channel: 'movie:enrichment', movieId: 7, status });

    expect(client.getQueryData(queryKeys.movieStatus(7))).toEqual(status);
  });

  test.each([
    ['older', { lastEnriched: '2025-11-21T05:00:00Z' }, ['movie']],
    ['not older', {}, []],
  ])('a movie that is %s than this state: %o', (_case, difference, expected) => {
    const status = aStatus({ lastEnriched: '2025-11-22T05:00:00Z' });
    client.setQueryData(queryKeys.movie(7), { ...status, ...difference });

    apply({ type: 'subscribed', channel: 'movie:enrichment', movieId: 7, status });

    expect(readAnew()).toEqual(expected);
  });

  test('an error about it makes it be read anew, one about nothing does not', () => {
    apply({ type: 'error', error: 'Unknown channel', code: 'invalid_frame', movieId: null });
    expect(readAnew()).toEqual([]);

    apply({ type: 'error', error: 'Movie not found', code: 'movie_not_found', movieId: 7 });
    expect(readAnew()).toEqual(['movie', 'movieStatus']);
  });
});

describe('of a run', () => {
  test('with its progress the requests of the providers grow', () => {
    showRun();

    apply(progress());

    expect(requestsChanged).toHaveBeenCalledOnce();
    expect(readAnew()).toEqual([]);
  });

  test('progress moves the run on that is shown', () => {
    showRun();

    apply(progress({ rateLimitedProviders: ['omdb'] }));

    expect(shownRun()).toMatchObject({
      progress: 50,
      processedMovies: 762,
      currentMovie: { id: 763, title: 'Heat', year: 1995 },
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

  test('an older message changes nothing, and the time since the last one goes on', () => {
    const updatedAt = Date.now() - 16_000;
    showRun({ seq: 4900 }, updatedAt);

    apply(progress());

    expect(shownRun()).toMatchObject({ seq: 4900, processedMovies: 640 });
    expect(client.getQueryState(queryKeys.bulkStatus)?.dataUpdatedAt).toBe(updatedAt);
  });

  test('a queued run goes on with its first message, a cancelled one stays so', () => {
    showRun({ state: 'queued', seq: 0 });
    apply(progress());
    expect(shownRun()?.state).toBe('running');

    showRun({ state: 'cancelling' });
    apply(progress());
    expect(shownRun()).toMatchObject({ state: 'cancelling', estimatedRemaining: null });
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

  test('a run that is not known is read, however fast its messages come; one that is too old to know it, again', async () => {
    const answers: ((status: BulkEnrichmentStatus) => void)[] = [];
    const queryFn = vi.fn(() => new Promise<BulkEnrichmentStatus>((end) => answers.push(end)));
    const observer = new QueryObserver(client, {
      queryKey: queryKeys.bulkStatus,
      queryFn,
      staleTime: 60_000,
    });
    const end = observer.subscribe(() => undefined);

    apply(progress());
    apply(progress({ seq: 4802 }));
    expect(queryFn).toHaveBeenCalledOnce();

    answers[0]?.(bulkStatus());
    await vi.waitFor(() => expect(queryFn).toHaveBeenCalledTimes(2));
    answers[1]?.(bulkStatus({ currentRun: currentRun({ seq: 4802 }) }));
    await vi.waitFor(() => expect(shownRun()).toMatchObject({ seq: 4802 }));
    expect(queryFn).toHaveBeenCalledTimes(2);
    end();
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

  test('a state that is older than the last message does not set the run back', () => {
    showRun({ seq: 4900 });

    const status = bulkStatus({ currentRun: currentRun({ seq: 4850, processedMovies: 600 }) });
    apply({ type: 'subscribed', channel: 'bulk:enrichment', movieId: null, status });

    expect(shownRun()).toMatchObject({ seq: 4900, processedMovies: 640 });
  });
});

test.each<ServerFrame>([{ type: 'unsubscribed', channel: 'movie:enrichment', movieId: 7 }, { type: 'pong' }])(
  '$type changes nothing',
  (frame) => {
    apply(frame);

    expect(readAnew()).toEqual([]);
    expect(libraryChanged).not.toHaveBeenCalled();
  },
);
