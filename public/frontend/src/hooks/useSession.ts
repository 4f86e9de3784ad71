import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';

import { sessionApi } from '@/utils/api';
import { queryKeys } from '@/utils/queryKeys';
import { followOtherTabs, listenToSession, sessionState, signedIn } from '@/utils/session';

/**
 * Whether this browser may see the library, for the one component that everything depends on. Whoever is signed out
 * leaves nothing behind: all that was read is dropped, and all that is being read is given up.
 */
export function useSessionState() {
  const client = useQueryClient();
  useEffect(() => {
    const endListening = listenToSession(() => {
      if (sessionState() !== 'in') client.clear();
    });
    const endFollowing = followOtherTabs();
    return () => {
      endListening();
      endFollowing();
    };
  }, [client]);
  return useSyncExternalStore(listenToSession, sessionState);
}

/** Asks the gateway how it is. Where it does not say, the page goes on: it has its own words for that. */
export function useAskedSession() {
  useEffect(() => {
    sessionApi.get().catch(signedIn);
  }, []);
}

/** Whether a key is asked for at all. */
export const useKeyRequired = () =>
  useQuery({
    queryKey: queryKeys.session,
    queryFn: ({ signal }) => sessionApi.get(signal),
    staleTime: Infinity,
  }).data?.required === true;

/** The key is not kept beyond the try. */
export const useSignIn = () => useMutation({ mutationFn: sessionApi.signIn, gcTime: 0 });

export const useSignOut = () => useMutation({ mutationFn: sessionApi.signOut });
