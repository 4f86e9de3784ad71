import { expect, test } from 'vitest';

import type { Job } from '@/types/api';

import { afterAnswer, afterStatus, type MovieJob } from './movieJob';

const QUEUED: MovieJob = { state: 'queued', jobId: 2 };
const RUNNING: MovieJob = {
  state: 'running',
  jobId: 2,
  progress: 33,
  currentProvider: 'omdb',
  providersComplete: ['tmdb'],
  providersRemaining: ['omdb', 'fanart'],
};

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

test.each([
  ['completed', { state: 'completed', jobId: 2, freshSince: null }],
  ['failed', { state: 'failed', jobId: 2, error: 'The refresh failed' }],
  ['cancelled', { state: 'cancelled', jobId: 2 }],
] as const)('a job that goes on has ended when the status says that it is %s', (state, told) => {
  const lastJob = { jobId: 2, state, completedAt: '2026-01-01T00:00:00Z', error: null };

  expect(afterStatus(RUNNING, lastJob)).toEqual(told);
  expect(afterStatus(QUEUED, lastJob)).toEqual(told);
});

test('a status of before the job, or of no job, changes nothing', () => {
  const lastJob = { jobId: 1, state: 'failed', completedAt: '2026-01-01T00:00:00Z', error: null } as const;

  expect(afterStatus(RUNNING, lastJob)).toBe(RUNNING);
  expect(afterStatus(RUNNING, null)).toBe(RUNNING);
  expect(afterStatus(null, lastJob)).toBeNull();
});

test('a job that has ended by a message stays as the message said', () => {
  const ended: MovieJob = { state: 'completed', jobId: 2, freshSince: null };
  const lastJob = { jobId: 2, state: 'completed', completedAt: '2026-01-01T00:00:00Z', error: null } as const;

  expect(afterStatus(ended, lastJob)).toBe(ended);
  expect(afterAnswer(ended, aJob({ state: 'completed' }))).toBe(ended);
});

test('without messages a job is brought up by answers; what was told of its providers stays', () => {
  expect(afterAnswer(RUNNING, aJob({}))).toEqual({ ...RUNNING, progress: 66 });
  expect(afterAnswer(QUEUED, aJob({}))).toMatchObject({ state: 'running', progress: 66 });
  expect(afterAnswer(QUEUED, aJob({ state: 'queued' }))).toBe(QUEUED);
  expect(afterAnswer(RUNNING, aJob({ state: 'cancelled' }))).toEqual({ state: 'cancelled', jobId: 2 });
});

test('an answer about another job changes nothing', () => {
  expect(afterAnswer(RUNNING, aJob({ jobId: 1, state: 'failed' }))).toBe(RUNNING);
});
