import { describe, expect, test } from 'vitest';

import type { EnrichmentComplete, EnrichmentFailed, EnrichmentProgress } from '@/types/live';

import { afterFrame, isGoingOn, type MovieJob } from './movieJob';

type Frame = EnrichmentProgress | EnrichmentComplete | EnrichmentFailed;

const progress = (jobId: number, percent: number): EnrichmentProgress => ({
  type: 'enrichment:progress',
  movieId: 7,
  jobId,
  progress: percent,
  currentProvider: 'omdb',
  providersComplete: ['tmdb'],
  providersRemaining: ['omdb'],
});

const complete = (jobId: number): EnrichmentComplete => ({
  type: 'enrichment:complete',
  movieId: 7,
  jobId,
  seq: 1,
  completeness: 92,
  partial: false,
  rateLimitedProviders: [],
  freshSince: null,
});

const failed = (
  jobId: number,
  code: EnrichmentFailed['code'] = 'all_providers_failed',
): EnrichmentFailed => ({
  type: 'enrichment:failed',
  movieId: 7,
  jobId,
  seq: 1,
  error: 'All providers failed',
  code,
});

const after = (frames: Frame[], known: MovieJob | null = null) =>
  frames.reduce<MovieJob | null>((job, frame) => afterFrame(job, frame), known);

/** All orders in which these may come. */
const orders = <T>(items: T[]): T[][] =>
  items.length < 2
    ? [items]
    : items.flatMap((first, index) => orders(items.toSpliced(index, 1)).map((rest) => [first, ...rest]));

const state = (job: MovieJob | null) => (job ? `${job.jobId} ${job.state}` : 'none');

describe.each([
  ['completed', complete(3)],
  ['failed', failed(3)],
  ['cancelled', failed(3, 'cancelled')],
] as const)('a job that was %s', (end, frame) => {
  const told = [progress(1, 50), complete(1), progress(3, 0), progress(3, 50), frame];

  test('is so, whatever the order of messages, and when they come twice', () => {
    for (const order of orders(told)) {
      expect(state(after(order))).toBe(`3 ${end}`);
      expect(state(after([...order, ...order]))).toBe(`3 ${end}`);
    }
  });
});

test.each([
  ['nothing is known and it goes on', null, progress(1, 0), '1 running'],
  ['it is queued and begins', { state: 'queued', jobId: 1 }, progress(1, 0), '1 running'],
  ['an older one speaks', { state: 'queued', jobId: 2 }, complete(1), '2 queued'],
  ['a newer one begins', { state: 'cancelled', jobId: 1 }, progress(2, 0), '2 running'],
] as const)('where %s', (_case, known, frame, expected) => {
  expect(state(afterFrame(known, frame))).toBe(expected);
});

test('the later progress is the one that is shown', () => {
  expect(after([progress(1, 33), progress(1, 66)])).toMatchObject({ progress: 66, currentProvider: 'omdb' });
});

test.each([
  [null, false],
  [undefined, false],
  [{ state: 'queued', jobId: 1 }, true],
  [afterFrame(null, progress(1, 0)), true],
  [afterFrame(null, complete(1)), false],
  [afterFrame(null, failed(1)), false],
  [{ state: 'cancelled', jobId: 1 }, false],
] as const)('%o goes on: %s', (job, goesOn) => {
  expect(isGoingOn(job)).toBe(goesOn);
});
