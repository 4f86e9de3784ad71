import { History } from 'lucide-react';
import { Link } from 'react-router';

import { Announcement } from '@/components/ui/announcement';
import { Button } from '@/components/ui/button';
import { Card } from '@/components/ui/card';
import { Empty } from '@/components/ui/empty';
import { Failed } from '@/components/ui/failed';
import { Skeleton } from '@/components/ui/skeleton';
import { useActivity } from '@/hooks/useActivity';
import { useBulkStatus } from '@/hooks/useEnrichment';
import { count } from '@/utils/format';

import { ActivityEntry } from './ActivityEntry';
import { spoken } from './activityWords';
import { LoadMore } from './LoadMore';
import { RunProgress } from './RunProgress';

/** All runs and the nights that were left out, newest first. */
export function ActivityList() {
  const query = useActivity();
  const run = useBulkStatus().data?.currentRun ?? null;
  const { data, error, refetch, isFetching } = query;
  if (!data) {
    if (!error) return <Loading />;
    return (
      <Failed
        what="Failed to load activity"
        error={error}
        onRetry={() => void refetch()}
        retrying={isFetching}
      />
    );
  }
  const activities = data.pages.flatMap((page) => page.activities);
  const total = data.pages[0]?.total ?? 0;
  const isQueued = run?.state === 'queued';
  if (activities.length === 0 && !run) return <Nothing />;
  return (
    <>
      <Announcement text={spoken(run, activities[0])} />
      <ul role="list" className="space-y-3">
        {isQueued && (
          <li>
            <Card className="p-5">
              <p className="mb-3 font-medium">A run is queued</p>
              <RunProgress run={run} />
            </Card>
          </li>
        )}
        {activities.map((activity) => (
          <li key={activity.id}>
            <ActivityEntry
              activity={activity}
              run={activity.status === 'running' && activity.jobId === run?.jobId ? run : null}
            />
          </li>
        ))}
      </ul>
      {(query.hasNextPage || data.pages.length > 1) && (
        <LoadMore
          query={query}
          failure="Failed to load more activity"
          shown={`${count(activities.length)} of ${count(total)} entries`}
        />
      )}
    </>
  );
}

function Loading() {
  return (
    <div role="status" className="space-y-3">
      <span className="sr-only">Loading activity …</span>
      {['first', 'second', 'third', 'fourth', 'fifth'].map((place) => (
        <Skeleton key={place} className="h-23 w-full rounded-2xl" />
      ))}
    </div>
  );
}

function Nothing() {
  return (
    <Card>
      <Empty
        icon={History}
        title="Nothing has happened yet"
        actions={
          <Button asChild variant="primary">
            <Link to="/settings/general">Go to Settings → Run Now</Link>
          </Button>
        }
      >
        Runs over the whole library are listed here: what they did, what they could not do, and nights that
        were left out.
      </Empty>
    </Card>
  );
}
