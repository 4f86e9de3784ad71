import { useQuery } from '@tanstack/react-query';

import type { About } from '@/types/api';
import { aboutApi } from '@/utils/api';
import { queryKeys } from '@/utils/queryKeys';

const KEY = 'metarr-about';

/** While nothing is known yet it is asked for again this often. */
const UNKNOWN_MS = 5_000;

/** Version, and whether this is a demo; neither changes while the gateway runs. This tab keeps what it knew last. */
export const useAbout = () =>
  useQuery({
    queryKey: queryKeys.about,
    queryFn: async ({ signal }) => {
      const about = await aboutApi.get(signal);
      keep(about);
      return about;
    },
    initialData: lastKnown,
    // Read anew in the background.
    initialDataUpdatedAt: 0,
    staleTime: 3_600_000,
    refetchInterval: ({ state }) => (state.data === undefined ? UNKNOWN_MS : false),
  });

function lastKnown(): About | undefined {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? '') as About;
  } catch {
    // Nothing is kept, or storage is forbidden.
    return undefined;
  }
}

function keep(about: About) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(about));
  } catch {
    // Storage may be forbidden: then it is known as long as the page.
  }
}
