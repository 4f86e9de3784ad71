import { type QueryClient, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { usePolling } from '@/live/LiveProvider';
import type { ChangeRules, ProviderName, ProviderStates, Rules } from '@/types/api';
import { providerApi, rulesApi } from '@/utils/api';
import { queryKeys } from '@/utils/queryKeys';

/** A provider whose pause has just ended is asked for after this time, and no timer is longer than an hour. */
const AFTER_PAUSE_MS = 1_000;
const LONGEST_MS = 3_600_000;

export const useProviders = () => {
  const polling = usePolling();
  return useQuery({
    queryKey: queryKeys.providers,
    queryFn: ({ signal }) => providerApi.getStates(signal),
    staleTime: 30_000,
    refetchInterval: ({ state: { data } }) => polling || untilPauseEnds(data),
  });
};

/** No message comes when a pause ends by itself. */
function untilPauseEnds(states: ProviderStates | undefined): number | false {
  const ends = states?.providers.flatMap(({ until }) => (until ? [Date.parse(until)] : [])) ?? [];
  if (ends.length === 0) return false;
  return Math.min(LONGEST_MS, Math.max(0, Math.min(...ends) - Date.now()) + AFTER_PAUSE_MS);
}

export const useResumeProvider = () => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (name: ProviderName) => providerApi.resume(name),
    onSettled: () => client.invalidateQueries({ queryKey: queryKeys.providers }),
  });
};

export const useRules = () =>
  useQuery({ queryKey: queryKeys.rules, queryFn: ({ signal }) => rulesApi.get(signal), staleTime: 30_000 });

/** Shown at once, sent one after the other; a rule that is refused goes back to what it was. */
export const useChangeRules = () => {
  const client = useQueryClient();
  return useMutation({
    scope: { id: 'rules' },
    mutationFn: (wanted: ChangeRules) => rulesApi.change(wanted),
    onMutate: async (wanted) => {
      await client.cancelQueries({ queryKey: queryKeys.rules });
      const before = client.getQueryData<Rules>(queryKeys.rules);
      merge(client, wanted);
      return before;
    },
    onSuccess: (rules, wanted) => merge(client, only(rules, wanted)),
    onError: (_error, wanted, before) => before && merge(client, only(before, wanted)),
  });
};

function merge(client: QueryClient, rules: ChangeRules) {
  client.setQueryData<Rules>(queryKeys.rules, (known) => known && { ...known, ...rules });
}

/** Of these rules those that were changed; the others may be on their way to another value. */
const only = (rules: Rules, wanted: ChangeRules): ChangeRules =>
  Object.fromEntries(Object.entries(rules).filter(([name]) => name in wanted));
