import { type QueryClient, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { usePolling } from '@/live/LiveProvider';
import type { ChangeRules, ProviderName, ProviderStates, Rules } from '@/types/api';
import { providerApi, rulesApi } from '@/utils/api';
import { queryKeys } from '@/utils/queryKeys';

/** A provider's state is read this long after its pause has ended. */
const AFTER_PAUSE_MS = 1_000;
/** One whose pause should be over by the clock here is read again after this time: the server's clock decides. */
const AGAIN_MS = 30_000;
const LONGEST_MS = 3_600_000;

export const useProviders = () => {
  const polling = usePolling();
  return useQuery({
    queryKey: queryKeys.providers,
    queryFn: ({ signal }) => providerApi.getStates(signal),
    staleTime: 30_000,
    refetchOnMount: 'always',
    refetchInterval: ({ state: { data, dataUpdatedAt, errorUpdatedAt } }) =>
      polling || untilPauseEnds(data, Math.max(dataUpdatedAt, errorUpdatedAt)),
  });
};

/** No message comes when a pause ends by itself. `readAt`: when it was tried last to read the states. */
function untilPauseEnds(states: ProviderStates | undefined, readAt: number): number | false {
  const due = (states?.providers ?? []).flatMap(({ until }) => {
    if (!until) return [];
    const ended = Date.parse(until) + AFTER_PAUSE_MS;
    return ended > readAt ? [ended] : [readAt + AGAIN_MS];
  });
  if (due.length === 0) return false;
  return Math.min(LONGEST_MS, Math.max(AFTER_PAUSE_MS, Math.min(...due) - Date.now()));
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
