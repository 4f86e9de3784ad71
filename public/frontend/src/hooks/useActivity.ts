import { useInfiniteQuery } from '@tanstack/react-query';

import { activityApi } from '@/utils/api';
import { queryKeys } from '@/utils/queryKeys';

/** What happened, newest first, a page at a time. */
export const useActivity = () =>
  useInfiniteQuery({
    queryKey: queryKeys.activity,
    queryFn: ({ pageParam, signal }) => activityApi.getHistory(pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    staleTime: 30_000,
  });
