import { Check, CircleDashed, CircleSlash, type LucideIcon, SearchX, X } from 'lucide-react';
import type { ReactNode } from 'react';

import { Moment } from '@/components/ui/moment';
import { useBulkStatus } from '@/hooks/useEnrichment';
import { useNow } from '@/hooks/useNow';
import type { ProviderOutcome } from '@/types/enrichment';
import { PROVIDERS, providerTitle } from '@/types/fields';
import { cn } from '@/utils/cn';
import { dateTime, time } from '@/utils/format';

interface Look {
  Icon: LucideIcon;
  colour: string;
  text: ReactNode;
  detail?: ReactNode;
}

/** One provider: what it answered, and when. */
export function ProviderStatus({ provider }: { provider: ProviderOutcome }) {
  const { Icon, colour, text, detail } = useLook(provider);
  return (
    <li className="flex gap-3 py-3">
      <Icon aria-hidden strokeWidth={2.5} className={cn('mt-0.5 size-4.5 shrink-0', colour)} />
      <div className="min-w-0">
        <p>
          <span className="font-medium">{providerTitle(provider.name)}:</span> {text}
        </p>
        {detail && <p className="mt-0.5 text-xs wrap-anywhere text-muted">{detail}</p>}
      </div>
    </li>
  );
}

function useLook({ name, outcome, fetchedAt, limitedUntil, message }: ProviderOutcome): Look {
  const retry = useRetryTime(limitedUntil);
  const setting = PROVIDERS.find((provider) => provider.name === name)?.keySetting;
  const fetched = fetchedAt && <Moment at={fetchedAt} />;
  switch (outcome) {
    case 'found':
      return {
        Icon: Check,
        colour: 'text-good-ink',
        text: <>Success {fetched && <>(last fetched {fetched})</>}</>,
      };
    case 'not_found':
      return {
        Icon: SearchX,
        colour: 'text-muted',
        text: <>Not found {fetched && <>(last asked {fetched})</>}</>,
        detail: 'It does not know this movie, or the movie lacks the id that it is asked with.',
      };
    case 'throttled':
    case 'quota_exhausted':
      return { Icon: X, colour: 'text-bad-ink', text: `Rate limited (${retry})`, detail: message };
    case 'off':
      return {
        Icon: CircleSlash,
        colour: 'text-muted',
        text: 'Off: no key',
        detail: `Set ${setting} and restart Metarr to use it.`,
      };
    case 'not_asked':
      return { Icon: CircleDashed, colour: 'text-muted', text: 'Not asked yet' };
    case 'unauthorized':
      return {
        Icon: X,
        colour: 'text-bad-ink',
        text: 'Failed: the key is refused',
        detail: message ?? setting,
      };
    default:
      return { Icon: X, colour: 'text-bad-ink', text: 'Failed', detail: message };
  }
}

const DAY_MS = 86_400_000;

/** When a limited provider is asked again by itself: with the next run over the library after the limit's end. */
function useRetryTime(limitedUntil: string | null): string {
  const now = useNow();
  const scheduled = useBulkStatus().data?.nextRun?.scheduledAt ?? null;
  const at = latest(limitedUntil, scheduled);
  if (at === null) return 'will retry with the next run';
  const ms = Date.parse(at) - now;
  if (ms <= 0) return 'will retry with the next refresh';
  return `will retry at ${ms < DAY_MS ? time(at) : dateTime(at)}`;
}

function latest(one: string | null, other: string | null): string | null {
  if (one === null || other === null) return one ?? other;
  return Date.parse(one) > Date.parse(other) ? one : other;
}
