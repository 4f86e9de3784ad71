import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';

import { showFrom } from '@/utils/api';
import { joinTabs } from '@/utils/tabs';

/** Several writes that follow one another are read once. */
const PAUSE_MS = 300;

/** After another tab of this browser has written, what this one shows is read anew. */
export function useOtherTabs() {
  const client = useQueryClient();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const leave = joinTabs((seq) => {
      showFrom(seq);
      clearTimeout(timer);
      timer = setTimeout(
        // What TMDB found stays: to ask it again costs of its limit.
        () => void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'candidates' }),
        PAUSE_MS,
      );
    });
    return () => {
      clearTimeout(timer);
      leave();
    };
  }, [client]);
}
