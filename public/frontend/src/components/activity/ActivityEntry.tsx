import { ChevronDown } from 'lucide-react';
import { Collapsible } from 'radix-ui';

import { Card } from '@/components/ui/card';
import { Moment } from '@/components/ui/moment';
import type { Activity } from '@/types/api';
import type { CurrentRun } from '@/types/enrichment';

import { ActivityDetails } from './ActivityDetails';
import { ActivityNotes } from './ActivityNotes';
import { ActivityStatus } from './ActivityStatus';
import { moment, outcome, TRIGGERS } from './activityWords';
import { RunProgress } from './RunProgress';

interface ActivityEntryProps {
  activity: Activity;
  /** The same run as live messages tell of it, while it goes on. */
  run: CurrentRun | null;
}

/** An activity in one line, that opens to all that is known of it. */
export function ActivityEntry({ activity, run }: ActivityEntryProps) {
  const shown = run ? { ...activity, stats: run.stats, remaining: run.stats.remaining } : activity;
  return (
    <Collapsible.Root asChild>
      <Card>
        <h2>
          <Collapsible.Trigger className="group flex w-full items-start gap-3 rounded-2xl px-5 py-4 text-left">
            <span className="min-w-0 flex-1">
              <span className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
                <ActivityStatus status={activity.status} />
                <span className="font-medium">
                  {TRIGGERS[activity.trigger]}
                  {activity.force && <span className="font-normal text-muted"> (forced)</span>}
                </span>
                <span className="text-xs text-muted sm:ml-auto">
                  <Moment at={moment(activity)} />
                </span>
              </span>
              {!run && <span className="mt-2 block text-muted tabular-nums">{outcome(activity)}</span>}
              {!run && <ActivityNotes activity={activity} />}
            </span>
            <ChevronDown
              aria-hidden
              className="mt-0.5 size-5 shrink-0 text-muted transition-transform group-data-[state=open]:rotate-180"
            />
          </Collapsible.Trigger>
        </h2>
        {run && (
          <div className="px-5 pb-5">
            <RunProgress run={run} />
          </div>
        )}
        <Collapsible.Content className="border-t border-line px-5 py-5">
          <ActivityDetails activity={shown} />
        </Collapsible.Content>
      </Card>
    </Collapsible.Root>
  );
}
