import {
  type QueryClient,
  skipToken,
  useInfiniteQuery,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useEffect } from 'react';

import { useJob } from '@/hooks/useEnrichment';
import type { Job } from '@/types/api';
import { ApiError, jobApi } from '@/utils/api';
import { queryKeys } from '@/utils/queryKeys';
import { tellOtherTabs } from '@/utils/tabs';

/** The import that this tab has begun and that nobody has put aside yet. */
export interface OwnImport {
  jobId: number;
  /** Columns of its file that nothing was read from; not told by an earlier version, whose import a tab may have. */
  ignoredColumns?: string[];
  /** That it has ended was told. */
  told: boolean;
}

const KEY = ['own-import'];
const STORED = 'metarr-import';

/** This tab's import: kept when its dialog is closed, on other pages, and when the page is loaded again. */
export function useOwnImport() {
  const client = useQueryClient();
  const { data: own } = useQuery<OwnImport | null>({
    queryKey: KEY,
    queryFn: skipToken,
    initialData: stored,
    staleTime: Infinity,
    gcTime: Infinity,
  });
  return { own, forget: () => keepImport(client, null) };
}

export function keepImport(client: QueryClient, own: OwnImport | null) {
  client.setQueryData<OwnImport | null>(KEY, own);
  try {
    if (own) sessionStorage.setItem(STORED, JSON.stringify(own));
    else sessionStorage.removeItem(STORED);
  } catch {
    // Storage may be forbidden: then it is known as long as the page.
  }
}

function stored(): OwnImport | null {
  try {
    return JSON.parse(sessionStorage.getItem(STORED) ?? 'null') as OwnImport | null;
  } catch {
    return null;
  }
}

/** Watches this tab's import; at its end everything that shows films is read anew, and `tell` is called, once. */
export function useImportEnd(tell: (job: Job) => void) {
  const client = useQueryClient();
  const { own } = useOwnImport();
  const { data: job, error } = useJob(own && !own.told ? own.jobId : null);
  useEffect(() => {
    if (!own || own.told) return;
    if (error instanceof ApiError && error.status === 404) keepImport(client, null);
    if (job?.jobId !== own.jobId || !hasEnded(job)) return;
    keepImport(client, { ...own, told: true });
    for (const queryKey of [queryKeys.movies, queryKeys.stats, queryKeys.bulkStatus])
      void client.invalidateQueries({ queryKey });
    // They were told of the write itself before its films were there.
    tellOtherTabs(0);
    tell(job);
  }, [client, own, job, error, tell]);
}

/** An import that became a job, until it has ended. */
export function useImportJob(jobId: number) {
  const job = useJob(jobId);
  return { ...job, ended: job.data !== undefined && hasEnded(job.data) };
}

const hasEnded = ({ state }: Job) => !['queued', 'running'].includes(state);

/** Rows of an import's report that a person may have to see to, a page at a time. */
export const useImportRows = (jobId: number, ended: boolean) =>
  useInfiniteQuery({
    queryKey: ['import-rows', jobId],
    queryFn: ended ? ({ pageParam, signal }) => jobApi.get(jobId, pageParam, signal) : skipToken,
    initialPageParam: 0,
    getNextPageParam: ({ report }) => report?.nextRowOffset,
    staleTime: Infinity,
  });
