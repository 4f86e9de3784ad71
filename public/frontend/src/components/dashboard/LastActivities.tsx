import { ActivityNotes } from '@/components/activity/ActivityNotes';
import { ActivityStatus } from '@/components/activity/ActivityStatus';
import { moment, outcome } from '@/components/activity/activityWords';
import { Moment } from '@/components/ui/moment';
import type { Activity } from '@/types/api';

const SHOWN = 4;

interface LastActivitiesProps {
  activities: Activity[];
  /** A run goes on, and is shown above. */
  hasRun: boolean;
}

/** What the last few activities did, each in a line. */
export function LastActivities({ activities, hasRun }: LastActivitiesProps) {
  const running = activities.filter(({ status }) => !hasRun && status === 'running');
  const ended = activities.filter(({ status }) => status !== 'running').slice(0, SHOWN);
  const shown = [...running, ...ended];
  if (shown.length === 0) {
    return hasRun ? null : <p className="py-2 text-muted">Nothing has happened yet.</p>;
  }
  return (
    <ul role="list" className="divide-y divide-line">
      {shown.map((activity) => (
        <li key={activity.id} className="space-y-1.5 py-3 first:pt-0 last:pb-0">
          <div className="flex items-center justify-between gap-3">
            <ActivityStatus status={activity.status} />
            <span className="text-xs text-muted">
              <Moment at={moment(activity)} />
            </span>
          </div>
          <p className="text-muted tabular-nums">{outcome(activity)}</p>
          <ActivityNotes activity={activity} />
        </li>
      ))}
    </ul>
  );
}
