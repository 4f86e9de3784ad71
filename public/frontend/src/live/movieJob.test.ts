import { expect, test } from 'vitest';

import type { Job } from '@/types/api';
import type { EnrichmentProgress } from '@/types/live';

import { afterAnswer, afterFrame, afterStatus, type MovieJob } from './movieJob';

const PROGRESS: EnrichmentProgress = {
  type: 'enrichment:progress',
  movieId: 7,
  jobId: 2,
  progress: 33,
  currentProvider: 'omdb',
  providersComplete: ['tmdb'],
  providersRemaining: ['omdb', 'fanart'],
};
const FAILED = { type: 'enrichment:failed', movieId: 7, jobId: 2, seq: 1, error: 'No', code: 'x' } as const;
const RUNNING = afterFrame(null, PROGRESS);
const QUEUED: MovieJob = { state: 'queued', jobId: 2 };

const aJob = (special: Partial<Job>): Job => ({
  jobId: 2,
  kind: 'enrichment',
  movieId: 7,
  state: 'running',
  progress: 66,
  startedAt: null,
  completedAt: null,
  error: null,
  code: null,
  report: null,
  run: null,
  ...special,
});

test('progress of a job that has ended changes nothing', () => {
  const ended = afterFrame(RUNNING, FAILED);

  expect(ended).toEqual({ state: 'failed', jobId: 2, error: 'No' });
  expect(afterFrame(ended, PROGRESS)).toBe(ended);
});

test('a message of an older job changes nothing, one of a newer job counts', () => {
  expect(afterFrame(RUNNING, { ...FAILED, jobId: 1 })).toBe(RUNNING);
  expect(afterFrame(RUNNING, { ...FAILED, jobId: 3 })).toMatchObject({ state: 'failed', jobId: 3 });
});

test('a cancelled job is not a failed one', () => {
  expect(afterFrame(RUNNING, { ...FAILED, code: 'cancelled' })).toEqual({ state: 'cancelled', jobId: 2 });
});

test.each([
  ['completed', { state: 'completed', jobId: 2, completeness: null, freshSince: null }],
  ['failed', { state: 'failed', jobId: 2, error: 'The refresh failed' }],
  ['cancelled', { state: 'cancelled', jobId: 2 }],
] as const)('a job that goes on has ended when the status says that it is %s', (state, told) => {
  const lastJob = { jobId: 2, state, completedAt: '2026-01-01T00:00:00Z', error: null };

  expect(afterStatus(RUNNING, lastJob)).toEqual(told);
  expect(afterStatus(RUNNING, { ...lastJob, jobId: 1 })).toBe(RUNNING);
  expect(afterStatus(null, lastJob)).toBeNull();
});

test('without messages a job is brought up by answers; what was told of it stays', () => {
  expect(afterAnswer(RUNNING, aJob({}))).toEqual({ ...RUNNING, progress: 66 });
  expect(afterAnswer(QUEUED, aJob({}))).toMatchObject({
    state: 'running',
    progress: 66,
    providersComplete: [],
  });
  expect(afterAnswer(QUEUED, aJob({ state: 'queued' }))).toBe(QUEUED);
  expect(afterAnswer(RUNNING, aJob({ state: 'cancelled' }))).toEqual({ state: 'cancelled', jobId: 2 });
  expect(afterAnswer(RUNNING, aJob({ jobId: 1, state: 'failed' }))).toBe(RUNNING);
});
