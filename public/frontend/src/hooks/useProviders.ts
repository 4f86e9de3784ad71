import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { usePolling } from '@/live/LiveProvider';
import type { ChangeRules, ProviderName } from '@/types/api';
import { providerApi, rulesApi } from '@/utils/api';
import { queryKeys } from '@/utils/queryKeys';

export const useProviders = () =>
  useQuery({
    queryKey: queryKeys.providers,
    queryFn: ({ signal }) => providerApi.getStates(signal),
    staleTime: 30_000,
    refetchInterval: usePolling(),
  });

export const useResumeProvider = () => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (name: ProviderName) => providerApi.resume(name),
    onSettled: () => client.invalidateQueries({ queryKey: queryKeys.providers }),
  });
};

export const useRules = () =>
  useQuery({ queryKey: queryKeys.rules, queryFn: ({ signal }) => rulesApi.get(signal), staleTime: 30_000 });

export const useChangeRules = () => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (rules: ChangeRules) => rulesApi.change(rules),
    onSuccess: (rules) => client.setQueryData(queryKeys.rules, rules),
  });
};
