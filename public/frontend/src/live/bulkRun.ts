import type { BulkEnrichmentStatus } from '@/types/enrichment';
import type { BulkProgress } from '@/types/live';

/** Whether the message is of the run that is shown, and not older than what is known of it. */
export const isNews = ({ currentRun }: BulkEnrichmentStatus, { jobId, seq }: BulkProgress) =>
  currentRun?.jobId === jobId && seq >= currentRun.seq;

/** The status after a message that is news to it, `since` seconds after the run was last told of. */
export function afterProgress(
  status: BulkEnrichmentStatus,
  frame: BulkProgress,
  since: number,
): BulkEnrichmentStatus {
  const run = status.currentRun;
  if (!run) return status;
  const { progress, processedMovies, totalMovies, currentMovie, rateLimitedProviders, stats } = frame;
  const { waiting, waitingUntil, seq } = frame;
  const state = run.state === 'cancelling' ? 'cancelling' : 'running';
  const elapsed = run.elapsed + since;
  return {
    ...status,
    currentRun: {
      ...run,
      progress,
      processedMovies,
      totalMovies,
      currentMovie,
      rateLimitedProviders,
      stats,
      waiting,
      waitingUntil,
      seq,
      state,
      elapsed,
      estimatedRemaining:
        state === 'cancelling' || waiting || processedMovies === 0
          ? null
          : Math.round((elapsed / processedMovies) * stats.remaining),
    },
  };
}

/** The status after it was read: what messages have told of the run while the answer was on its way stays. */
export function afterRead(
  known: BulkEnrichmentStatus | undefined,
  answer: BulkEnrichmentStatus,
  since: number,
): BulkEnrichmentStatus {
  const run = known?.currentRun;
  const answered = answer.currentRun;
  if (!run || answered?.jobId !== run.jobId || answered.seq >= run.seq) return answer;
  const elapsed = run.elapsed + since;
  const isCancelled = answered.state === 'cancelling';
  return {
    ...answer,
    currentRun: { ...run, elapsed, ...(isCancelled && { state: 'cancelling', estimatedRemaining: null }) },
  };
}
