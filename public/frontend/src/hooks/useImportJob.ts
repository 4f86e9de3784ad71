import { skipToken, useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';

import { useJob } from '@/hooks/useEnrichment';
import { jobApi } from '@/utils/api';
import { queryKeys } from '@/utils/queryKeys';
import { tellOtherTabs } from '@/utils/tabs';

/** An import that became a job, watched until it has ended; then everything that shows films is read anew. */
export function useImportJob(jobId: number) {
  const client = useQueryClient();
  const job = useJob(jobId);
  const ended = job.data !== undefined && !['queued', 'running'].includes(job.data.state);
  useEffect(() => {
    if (!ended) return;
    for (const queryKey of [queryKeys.movies, queryKeys.stats, queryKeys.bulkStatus])
      void client.invalidateQueries({ queryKey });
    // The write itself was told of before its films were there.
    tellOtherTabs(0);
  }, [client, ended]);
  return { ...job, ended };
}

/** Rows of an import's report that a person may have to see to, a page at a time. */
export const useImportRows = (jobId: number, ended: boolean) =>
  useInfiniteQuery({
    queryKey: ['import-rows', jobId],
    queryFn: ended ? ({ pageParam, signal }) => jobApi.get(jobId, pageParam, signal) : skipToken,
    initialPageParam: 0,
    getNextPageParam: ({ report }) => report?.nextRowOffset,
    staleTime: Infinity,
  });
