import { useProviders, useRules } from '@/hooks/useProviders';
import { duration } from '@/utils/format';

import { HeldProviders } from './HeldProviders';
import { heldInWords } from './heldInWords';
import { QuotaHint } from './QuotaHint';

interface RunForecastProps {
  force: boolean;
  /** Seconds; null where it is not known. */
  estimatedDuration: number | null;
  /** A link to another place is followed. */
  onLeave: () => void;
}

/** What is to be expected of a run that is started now. */
export function RunForecast({ force, estimatedDuration, onLeave }: RunForecastProps) {
  const states = useProviders().data?.providers;
  const rules = useRules().data;
  const held = states && rules ? heldInWords(states, rules.onQuota) : [];
  const ends = held.some((provider) => provider.ends);
  return (
    <>
      <HeldProviders held={held} onLeave={onLeave} />
      <ul role="list" className="space-y-1.5 text-pretty text-muted">
        {estimatedDuration !== null && !ends && (
          <li>It takes about {duration(estimatedDuration)}, in the background.</li>
        )}
        <li>
          {force
            ? 'Every provider is asked about every movie. That takes more of the daily quotas.'
            : 'Movies whose answers are still fresh are skipped without a request.'}
        </li>
        <QuotaHint />
      </ul>
    </>
  );
}
