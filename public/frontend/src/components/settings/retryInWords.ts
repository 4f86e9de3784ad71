import type { BulkEnrichmentStatus } from '@/types/enrichment';

const DAY_MS = 86_400_000;

/** When the films that a run did not get to are tried again. */
export function retryInWords(nextRun: BulkEnrichmentStatus['nextRun'], now = new Date()): string {
  if (!nextRun) return 'will be tried by the next run';
  const due = new Date(nextRun.scheduledAt);
  const days = Math.round((startOfDay(due) - startOfDay(now)) / DAY_MS);
  if (days <= 0) return 'will retry today';
  return days === 1 ? 'will retry tomorrow' : `will retry in ${days} days`;
}

const startOfDay = (at: Date) => new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();
