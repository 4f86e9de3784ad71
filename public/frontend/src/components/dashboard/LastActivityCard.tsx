import { Link } from 'react-router';

import { spoken } from '@/components/activity/activityWords';
import { RunProgress } from '@/components/activity/RunProgress';
import { Announcement } from '@/components/ui/announcement';
import { Button } from '@/components/ui/button';
import { Card, CardContent, CardHeader, CardTitle } from '@/components/ui/card';
import { Failed } from '@/components/ui/failed';
import { Skeleton } from '@/components/ui/skeleton';
import { useActivity } from '@/hooks/useActivity';
import { useBulkStatus } from '@/hooks/useEnrichment';

import { LastActivities } from './LastActivities';
import { NextRun } from './NextRun';

/** The run that goes on, the last few activities, and when the next run is due. */
export function LastActivityCard() {
  const { data, error, refetch, isFetching } = useActivity();
  const { data: status, isPending } = useBulkStatus();
  const run = status?.currentRun ?? null;
  const activities = data?.pages[0]?.activities;
  return (
    <Card aria-labelledby="last-activity">
      <CardHeader>
        <CardTitle id="last-activity">Last Activity</CardTitle>
        <Button asChild variant="ghost" className="-my-1 -mr-3">
          <Link to="/activity/history?type=bulk_enrichment">View History</Link>
        </Button>
      </CardHeader>
      <CardContent className="space-y-4">
        {run && (
          <div className="rounded-xl bg-brand-soft/60 p-4">
            <p className="mb-3 font-medium">Enriching library...</p>
            <RunProgress run={run} />
          </div>
        )}
        {activities ? (
          <>
            <Announcement text={spoken(run, activities[0])} />
            <LastActivities activities={activities} hasRun={run !== null} />
          </>
        ) : error ? (
          <Failed
            what="Failed to load activity"
            error={error}
            onRetry={() => void refetch()}
            retrying={isFetching}
          />
        ) : (
          <Loading />
        )}
        {status && <NextRun nextRun={status.nextRun} />}
        {isPending && <Skeleton className="h-9 w-full" />}
      </CardContent>
    </Card>
  );
}

function Loading() {
  return (
    <div role="status" className="space-y-4">
      <span className="sr-only">Loading activity …</span>
      <Skeleton className="h-12 w-full" />
      <Skeleton className="h-12 w-full" />
      <Skeleton className="h-12 w-full" />
    </div>
  );
}
