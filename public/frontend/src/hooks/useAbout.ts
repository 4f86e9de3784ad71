import { useQuery } from '@tanstack/react-query';

import { aboutApi } from '@/utils/api';
import { queryKeys } from '@/utils/queryKeys';

/** Version, and whether this is a demo; neither changes while the gateway runs. */
export const useAbout = () =>
  useQuery({ queryKey: queryKeys.about, queryFn: ({ signal }) => aboutApi.get(signal), staleTime: Infinity });
