import { useProviders } from '@/hooks/useProviders';
import { providerTitle } from '@/types/fields';
import { count, list } from '@/utils/format';

/** How far the quotas reach that are known, as an item of a list. */
export function QuotaHint() {
  const known =
    useProviders().data?.providers.filter(({ state, remaining }) => state === 'on' && remaining !== null) ??
    [];
  if (known.length === 0) return null;
  return (
    <li>
      Left of the daily quota:{' '}
      {list(
        known.map(({ name, remaining }) => `${count(remaining ?? 0)} requests at ${providerTitle(name)}`),
      )}
      .
    </li>
  );
}
