import type { ProviderState } from '@/types/api';
import { count } from '@/utils/format';

/** What a provider was asked today, and what is left where its quota is known; nothing of one that is off. */
export function ProviderUse({ provider: { state, requestsToday, remaining } }: { provider: ProviderState }) {
  if (state === 'off') return null;
  return (
    <p className="mt-1 text-xs text-muted tabular-nums">
      {count(requestsToday)} {requestsToday === 1 ? 'request' : 'requests'} today
      {remaining !== null && ` · ${count(remaining)} left of the daily quota`}
    </p>
  );
}
