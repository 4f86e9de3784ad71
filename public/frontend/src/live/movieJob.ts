import type { Job } from '@/types/api';
import type { LastJob } from '@/types/enrichment';
import type { EnrichmentComplete, EnrichmentFailed, EnrichmentProgress } from '@/types/live';

/** What is known of a film's refresh: since this page was opened, by live messages. */
export type MovieJob =
  | { state: 'queued'; jobId: number }
  | ({ state: 'running' } & Pick<
      EnrichmentProgress,
      'jobId' | 'progress' | 'currentProvider' | 'providersComplete' | 'providersRemaining'
    >)
  | { state: 'completed'; jobId: number; freshSince: string | null }
  | { state: 'failed'; jobId: number; error: string }
  | { state: 'cancelled'; jobId: number };

const ENDED: MovieJob['state'][] = ['completed', 'failed', 'cancelled'];

/** Whether the job goes on. */
export const isGoingOn = (job: MovieJob | null | undefined) =>
  job?.state === 'queued' || job?.state === 'running';

/** The job after a message. One of an older job, or progress of a job that has ended, changes nothing. */
export function afterFrame(
  known: MovieJob | null | undefined,
  frame: EnrichmentProgress | EnrichmentComplete | EnrichmentFailed,
): MovieJob {
  const told = jobOf(frame);
  if (!known || told.jobId > known.jobId) return told;
  return told.jobId < known.jobId || ENDED.includes(known.state) ? known : told;
}

/** The job after its film's status was read: it may have ended while no message could come. */
export function afterStatus(known: MovieJob | null, lastJob: LastJob | null | undefined): MovieJob | null {
  return !known || !lastJob || !isGoingOn(known) || lastJob.jobId < known.jobId ? known : ended(lastJob);
}

/** The job after it was asked for, since no messages come. What a message had told of it already stays. */
export function afterAnswer(known: MovieJob, { jobId, state, progress, error }: Job): MovieJob {
  if (jobId !== known.jobId || !isGoingOn(known)) return known;
  switch (state) {
    case 'queued':
      return known;
    case 'running':
      return known.state === 'running'
        ? { ...known, progress }
        : { state, jobId, progress, currentProvider: null, providersComplete: [], providersRemaining: [] };
    default:
      return ended({ jobId, state, error });
  }
}

function ended({ jobId, state, error }: Pick<LastJob, 'jobId' | 'state' | 'error'>): MovieJob {
  switch (state) {
    case 'completed':
      return { state, jobId, freshSince: null };
    case 'failed':
      return { state, jobId, error: error ?? 'The refresh failed' };
    case 'cancelled':
      return { state, jobId };
  }
}

function jobOf(frame: EnrichmentProgress | EnrichmentComplete | EnrichmentFailed): MovieJob {
  const { jobId } = frame;
  switch (frame.type) {
    case 'enrichment:progress': {
      const { progress, currentProvider, providersComplete, providersRemaining } = frame;
      return { state: 'running', jobId, progress, currentProvider, providersComplete, providersRemaining };
    }
    case 'enrichment:complete':
      return { state: 'completed', jobId, freshSince: frame.freshSince };
    case 'enrichment:failed':
      return frame.code === 'cancelled'
        ? { state: 'cancelled', jobId }
        : { state: 'failed', jobId, error: frame.error };
  }
}
