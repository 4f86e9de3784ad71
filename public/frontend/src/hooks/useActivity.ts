import { type InfiniteData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';

import type { ActivityPage } from '@/types/api';
import type { BulkEnrichmentStatus } from '@/types/enrichment';
import { activityApi, jobApi } from '@/utils/api';
import { queryKeys } from '@/utils/queryKeys';

import { useBulkStatus } from './useEnrichment';

/** What happened, newest first, a page at a time. A run that begins or ends appears by itself. */
export const useActivity = () => {
  useRunsAreListed();
  return useInfiniteQuery({
    queryKey: queryKeys.activity,
    queryFn: ({ pageParam, signal }) => activityApi.getHistory(pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    staleTime: 30_000,
    refetchOnMount: 'always',
  });
};

/** The beginning of a run has no live message of its own: the status tells of it, and the list is read anew. */
function useRunsAreListed() {
  const client = useQueryClient();
  const status = useBulkStatus().data;
  const running = runningJob(status);
  const ended = status?.lastRun?.jobId;
  useEffect(() => {
    const known = client.getQueryData<InfiniteData<ActivityPage>>(queryKeys.activity);
    if (known && !isListed(known, running, ended)) {
      void client.invalidateQueries({ queryKey: queryKeys.activity });
    }
  }, [client, running, ended]);
}

/** A run that is queued has not begun, so it is in no history yet. */
const runningJob = (status: BulkEnrichmentStatus | undefined) =>
  status?.currentRun?.state === 'queued' ? undefined : status?.currentRun?.jobId;

function isListed(
  { pages }: InfiniteData<ActivityPage>,
  running: number | undefined,
  ended: number | undefined,
) {
  const listed = pages.flatMap((page) => page.activities);
  const shows = (jobId: number | undefined, goesOn: boolean) =>
    jobId === undefined ||
    listed.some((activity) => activity.jobId === jobId && (activity.status === 'running') === goesOn);
  return shows(running, true) && shows(ended, false);
}

/** The films that a run could not complete, a page at a time; `failed` of them are known of. */
export function useRunFailures(jobId: number, failed: number) {
  const query = useInfiniteQuery({
    queryKey: [...queryKeys.job(jobId), 'failures'],
    queryFn: ({ pageParam, signal }) => jobApi.get(jobId, pageParam, signal),
    initialPageParam: 0,
    getNextPageParam: (job) => job.run?.nextRowOffset,
    staleTime: 30_000,
    refetchOnMount: 'always',
  });
  const { isFetching, refetch } = query;
  const asked = useRef(failed);
  useEffect(() => {
    // One read after the other: those that fail meanwhile are read together.
    if (isFetching || failed <= asked.current) return;
    asked.current = failed;
    void refetch();
  }, [failed, isFetching, refetch]);
  return query;
}
