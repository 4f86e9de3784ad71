import { ProviderStateBadge } from '@/components/providers/ProviderStateBadge';
import { ProviderUse } from '@/components/providers/ProviderUse';
import { Moment } from '@/components/ui/moment';
import type { ProviderState } from '@/types/api';
import { providerTitle } from '@/types/fields';
import { dateTime } from '@/utils/format';

/** Whether a provider may be asked, and what it was asked today. */
export function ProviderLine({ provider }: { provider: ProviderState }) {
  return (
    <li className="space-y-1 py-3 first:pt-0 last:pb-0">
      <div className="flex items-center justify-between gap-3">
        <span className="font-medium">{providerTitle(provider.name)}</span>
        <ProviderStateBadge state={provider.state} />
      </div>
      {provider.until && (
        <p>
          Paused until {dateTime(provider.until)} (<Moment at={provider.until} />)
        </p>
      )}
      {provider.reason && <p className="wrap-anywhere text-muted">{provider.reason}</p>}
      <ProviderUse provider={provider} />
    </li>
  );
}
