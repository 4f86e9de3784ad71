import { useQuery } from '@tanstack/react-query';

import { aboutApi } from '@/utils/api';
import { queryKeys } from '@/utils/queryKeys';

const EVERY_MS = 5_000;

/** Whether the server answers, asked again and again by the smallest request there is; not so before it has answered. */
export const useReachable = () =>
  useQuery({
    queryKey: [...queryKeys.about, 'reachable'],
    queryFn: ({ signal }) => aboutApi.get(signal),
    refetchInterval: EVERY_MS,
    retry: false,
    gcTime: 0,
  }).isSuccess;
