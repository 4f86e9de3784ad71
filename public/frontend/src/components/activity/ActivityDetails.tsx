import { CornerDownRight } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';

import type { Activity } from '@/types/api';
import { count, dateTime, duration } from '@/utils/format';

import { fresh, STARTED_BY } from './activityWords';
import { FailedMovies } from './FailedMovies';
import { RunProviders } from './RunProviders';

/** All that is known of an activity. */
export function ActivityDetails({ activity }: { activity: Activity }) {
  const { jobId, providers, remaining, resumeFrom, stats } = activity;
  return (
    <div className="space-y-5">
      <dl className="grid grid-cols-2 gap-x-6 gap-y-4 sm:grid-cols-3 xl:grid-cols-4">
        {facts(activity).map(([name, value]) => (
          <div key={name}>
            <dt className="text-xs text-muted">{name}</dt>
            <dd className="mt-0.5 font-medium tabular-nums">{value}</dd>
          </div>
        ))}
      </dl>
      {resumeFrom && remaining > 0 && (
        <p className="flex gap-2">
          <CornerDownRight aria-hidden className="mt-0.5 size-4 shrink-0 text-muted" />
          <span className="min-w-0">
            Next run continues from movie #{count(resumeFrom.position)} ·{' '}
            <Link to={`/media/movies/${resumeFrom.movieId}/edit`} className="font-medium hover:underline">
              {resumeFrom.title}
            </Link>
          </span>
        </p>
      )}
      {providers.length > 0 && <RunProviders providers={providers} />}
      {jobId !== null && stats !== null && stats.failed > 0 && (
        <FailedMovies jobId={jobId} failed={stats.failed} />
      )}
    </div>
  );
}

function facts(activity: Activity): [string, ReactNode][] {
  const { remaining, stats, status, scheduledFor, startedAt } = activity;
  const due: [string, ReactNode][] = scheduledFor ? [['Scheduled for', dateTime(scheduledFor)]] : [];
  if (!stats) return [...due, ['Noted', dateTime(startedAt)], ...skippedFor(activity)];
  return [
    ['Trigger', STARTED_BY[activity.trigger]],
    ['Forced', activity.force ? 'Yes, every movie was asked anew' : 'No'],
    ...due,
    ['Started', dateTime(startedAt)],
    ['Completed', activity.completedAt ? dateTime(activity.completedAt) : 'Not yet'],
    ...(activity.duration === null ? [] : [['Duration', duration(activity.duration)] as [string, ReactNode]]),
    ['Processed', `${count(stats.processed)} / ${count(stats.totalMovies)} movies`],
    ['Skipped', fresh({ status, stats, remaining })],
    ['Failed', count(stats.failed)],
    ...(remaining > 0 ? [['Remaining', count(remaining)] as [string, ReactNode]] : []),
  ];
}

const skippedFor = ({ jobId }: Activity): [string, ReactNode][] =>
  jobId === null ? [] : [['Run that was going on', `Job ${jobId}`]];
