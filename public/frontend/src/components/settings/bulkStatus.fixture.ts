/** What the API says of runs, for tests. */
import type { BulkEnrichmentStatus, CurrentRun, LastRun, RunProvider } from '@/types/enrichment';

const provider = (name: RunProvider['name'], changes: Partial<RunProvider> = {}): RunProvider => ({
  name,
  requests: 500,
  found: 495,
  notFound: 5,
  failed: 0,
  limitedAt: null,
  ...changes,
});

export const lastRun = (changes: Partial<LastRun> = {}): LastRun => ({
  jobId: 890,
  trigger: 'schedule',
  force: false,
  startedAt: '2025-11-22T03:00:00Z',
  completedAt: '2025-11-22T03:45:00Z',
  status: 'completed',
  stats: { totalMovies: 1523, processed: 1200, skipped: 323, failed: 0 },
  remaining: 0,
  rateLimitHit: false,
  rateLimitedProviders: [],
  resumeFrom: null,
  providers: [provider('tmdb'), provider('omdb'), provider('fanart')],
  error: null,
  ...changes,
});

/** A run that OMDB's limit has stopped at movie 501. */
export const limitedRun = (changes: Partial<LastRun> = {}): LastRun =>
  lastRun({
    completedAt: '2025-11-22T03:15:00Z',
    status: 'partial',
    stats: { totalMovies: 1523, processed: 500, skipped: 1023, failed: 0 },
    remaining: 1023,
    rateLimitHit: true,
    rateLimitedProviders: ['omdb'],
    resumeFrom: { movieId: 501, position: 501, title: 'Heat' },
    providers: [
      provider('tmdb'),
      provider('omdb', { limitedAt: '2025-11-22T03:15:00Z' }),
      provider('fanart', { failed: 2 }),
    ],
    ...changes,
  });

export const currentRun = (changes: Partial<CurrentRun> = {}): CurrentRun => ({
  jobId: 901,
  trigger: 'manual',
  force: false,
  startedAt: '2025-11-22T05:00:00Z',
  progress: 42,
  processedMovies: 640,
  totalMovies: 1523,
  currentMovie: { id: 641, title: 'The Dark Knight', year: 2008 },
  rateLimitedProviders: [],
  stats: { totalMovies: 1523, processed: 517, skipped: 122, failed: 1, remaining: 883 },
  waiting: null,
  waitingUntil: null,
  state: 'running',
  elapsed: 1080,
  estimatedRemaining: 1500,
  seq: 4800,
  ...changes,
});

/** Nothing runs, nothing ran; the next run is due in 22 hours and a half. */
export const bulkStatus = (changes: Partial<BulkEnrichmentStatus> = {}): BulkEnrichmentStatus => ({
  lastRun: null,
  nextRun: { scheduledAt: new Date(Date.now() + 81_000_000).toISOString(), timeUntil: 81_000 },
  currentRun: null,
  schedule: { cron: '0 3 * * *', timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone },
  totalMovies: 1523,
  estimatedDuration: 2700,
  forcedDuration: 3600,
  ...changes,
});
