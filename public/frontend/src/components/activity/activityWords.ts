/** What is said of an activity. */
import type { Activity } from '@/types/api';
import type { CurrentRun } from '@/types/enrichment';
import { providerTitle } from '@/types/fields';
import { count, dateTime, percent } from '@/utils/format';

type Stats = NonNullable<Activity['stats']>;

export const TRIGGERS: Record<Activity['trigger'], string> = {
  manual: 'Manual run',
  schedule: 'Scheduled run',
  operator: 'Operator’s run',
};

/** Who or what started it, in the words of the details. */
export const STARTED_BY: Record<Activity['trigger'], string> = {
  manual: 'Started by hand',
  schedule: 'Started by the schedule',
  operator: 'Started by an operator',
};

/** When it was; a night that was left out is known by the time at which it was due. */
export const moment = ({ scheduledFor, startedAt, stats }: Activity) =>
  stats === null ? (scheduledFor ?? startedAt) : startedAt;

/** What it did, in one line that breaks only between its parts. */
export function outcome({ status, stats, remaining }: Activity): string {
  if (status === 'skipped') return 'Left out: another run was going on';
  if (status === 'missed') return 'Left out: Metarr was not running at that time';
  if (!stats) return '';
  return [
    `Processed:\u00a0${count(stats.processed)} /\u00a0${count(stats.totalMovies)} movies`,
    `Skipped:\u00a0${fresh({ status, stats, remaining }).replaceAll(' ', '\u00a0')}`,
    `Failed:\u00a0${count(stats.failed)}`,
    ...(remaining > 0 ? [`Remaining:\u00a0${count(remaining)}`] : []),
  ].join(' · ');
}

/** "48 (already enriched)". The statistics of a run that has ended count what it did not get to among the skipped. */
export function fresh({
  status,
  stats,
  remaining,
}: Pick<Activity, 'status' | 'remaining'> & { stats: Stats }) {
  const skipped = status === 'running' ? stats.skipped : Math.max(0, stats.skipped - remaining);
  return skipped > 0 ? `${count(skipped)} (already enriched)` : count(skipped);
}

/** "Rate-limited providers: OMDB"; nothing where no quota was used up. */
export const limits = (providers: Activity['rateLimitedProviders']) =>
  providers.length ? `Rate-limited providers: ${providers.map(providerTitle).join(', ')}` : null;

/** It has begun, and looked at no film yet. */
export const isStarting = ({ state, waiting, processedMovies }: CurrentRun) =>
  state === 'running' && !waiting && processedMovies === 0;

/** What keeps a run from going on at full speed; nothing while films are looked up. */
export function pause(run: CurrentRun): string | null {
  const { state, waiting, waitingUntil } = run;
  if (state === 'queued') return 'It begins in a moment.';
  if (state === 'cancelling') return 'It is being cancelled; movies at work are finished first.';
  if (!waiting) return isStarting(run) ? 'Starting …' : null;
  return waitingUntil ? `${waiting} Tried again ${dateTime(waitingUntil)}.` : waiting;
}

/** What is read out while a run goes on, and when it has ended. */
export function spoken(run: CurrentRun | null, last: Activity | undefined): string {
  if (run) return `Enriching library: ${isStarting(run) ? 'starting' : percent(run.progress)}`;
  return last && last.status !== 'running'
    ? `${TRIGGERS[last.trigger]} ${last.status}. ${outcome(last)}`
    : '';
}
