import { Check, CircleAlert, CirclePause, CircleSlash, type LucideIcon } from 'lucide-react';

import { Badge, type Tone } from '@/components/ui/badge';
import { Moment } from '@/components/ui/moment';
import type { ProviderState } from '@/types/api';
import { providerTitle } from '@/types/fields';
import { count, dateTime } from '@/utils/format';

const LOOKS: Record<ProviderState['state'], { word: string; tone: Tone; Icon: LucideIcon }> = {
  on: { word: 'On', tone: 'good', Icon: Check },
  off: { word: 'Off: no key', tone: 'neutral', Icon: CircleSlash },
  paused: { word: 'Paused', tone: 'warn', Icon: CirclePause },
  key_refused: { word: 'Key refused', tone: 'bad', Icon: CircleAlert },
};

/** Whether a provider may be asked, and what it was asked today. */
export function ProviderLine({ provider }: { provider: ProviderState }) {
  const { word, tone, Icon } = LOOKS[provider.state];
  return (
    <li className="space-y-1 py-3 first:pt-0 last:pb-0">
      <div className="flex items-center justify-between gap-3">
        <span className="font-medium">{providerTitle(provider.name)}</span>
        <Badge tone={tone}>
          <Icon aria-hidden strokeWidth={2.5} />
          {word}
        </Badge>
      </div>
      {provider.until && (
        <p>
          Paused until {dateTime(provider.until)} (<Moment at={provider.until} />)
        </p>
      )}
      {provider.reason && <p className="wrap-anywhere text-muted">{provider.reason}</p>}
      {provider.state !== 'off' && <p className="text-xs text-muted tabular-nums">{used(provider)}</p>}
    </li>
  );
}

function used({ requestsToday, remaining }: ProviderState): string {
  const asked = `${count(requestsToday)} ${requestsToday === 1 ? 'request' : 'requests'} today`;
  return remaining === null ? asked : `${asked} · ${count(remaining)} of the daily quota remaining`;
}
