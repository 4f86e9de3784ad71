/** Runs and activities as the API tells of them, for tests. */
import type { Activity } from '@/types/api';
import type { BulkEnrichmentStatus, CurrentRun } from '@/types/enrichment';

export const activity = (given: Partial<Activity> = {}): Activity => ({
  id: 4711,
  type: 'bulk_enrichment',
  status: 'completed',
  jobId: 890,
  trigger: 'manual',
  force: false,
  scheduledFor: null,
  startedAt: '2025-11-22T03:00:00Z',
  completedAt: '2025-11-22T03:45:00Z',
  duration: 2700,
  stats: { totalMovies: 1523, processed: 1200, skipped: 323, failed: 0 },
  remaining: 0,
  rateLimitHit: false,
  rateLimitedProviders: [],
  resumeFrom: null,
  providers: [],
  error: null,
  ...given,
});

/** A night that was left out. */
export const night = (status: 'skipped' | 'missed', given: Partial<Activity> = {}): Activity =>
  activity({
    id: 4700,
    status,
    jobId: null,
    trigger: 'schedule',
    scheduledFor: '2025-11-21T03:00:00Z',
    startedAt: '2025-11-21T08:00:00Z',
    completedAt: null,
    duration: null,
    stats: null,
    ...given,
  });

export const currentRun = (given: Partial<CurrentRun> = {}): CurrentRun => ({
  jobId: 900,
  trigger: 'manual',
  force: false,
  startedAt: '2025-11-23T10:00:00Z',
  progress: 42,
  processedMovies: 640,
  totalMovies: 1523,
  currentMovie: { id: 155, title: 'The Dark Knight', year: 2008 },
  rateLimitedProviders: [],
  stats: { totalMovies: 1523, processed: 600, skipped: 38, failed: 2, remaining: 883 },
  waiting: null,
  waitingUntil: null,
  state: 'running',
  elapsed: 1080,
  estimatedRemaining: 1500,
  seq: 100,
  ...given,
});

export const bulkStatus = (given: Partial<BulkEnrichmentStatus> = {}): BulkEnrichmentStatus => ({
  lastRun: null,
  nextRun: null,
  currentRun: null,
  schedule: null,
  totalMovies: 1523,
  estimatedDuration: 60,
  forcedDuration: 60,
  ...given,
});

export const activityPage = (activities: Activity[], nextCursor: string | null = null, total?: number) => ({
  activities,
  total: total ?? activities.length,
  nextCursor,
});
