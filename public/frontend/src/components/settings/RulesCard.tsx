import { Card, CardContent, CardHeader, CardTitle } from '@/components/ui/card';
import { Failed } from '@/components/ui/failed';
import { Skeleton } from '@/components/ui/skeleton';
import { useToast } from '@/components/ui/toaster';
import { useBulkStatus } from '@/hooks/useEnrichment';
import { useLinkTarget } from '@/hooks/useLinkTarget';
import { useChangeRules, useRules } from '@/hooks/useProviders';
import type { ChangeRules } from '@/types/api';

import { QuotaRule } from './QuotaRule';
import { ReserveRule } from './ReserveRule';
import { SwitchRule } from './SwitchRule';

const SWITCHES = [
  {
    rule: 'tmdbChanges',
    label: 'Follow TMDB’s list of changes',
    text: 'Movies that TMDB does not name as changed are not asked about again there.',
  },
  {
    rule: 'ageByRelease',
    label: 'Ask less often about older movies',
    text: 'The longer ago a movie was released, the more rarely it is asked about.',
  },
  {
    rule: 'backOff',
    label: 'Be patient with what is not known',
    text: 'What a provider did not know is asked again after 7, 14, 30, then 90 days.',
  },
] as const;

/** How runs over the whole library behave; each choice is saved at once. */
export function RulesCard() {
  const { data: rules, error, isFetching, refetch } = useRules();
  const { isPending: moves } = useBulkStatus();
  const card = useLinkTarget('rules', rules !== undefined && !moves);
  const toast = useToast();
  const { mutateAsync } = useChangeRules();
  const change = async (wanted: ChangeRules) => {
    try {
      await mutateAsync(wanted);
      toast('Saved. The next run follows it.');
    } catch (refused) {
      toast(`Not saved: ${(refused as Error).message}`, 'bad');
    }
  };
  return (
    <Card
      id="rules"
      ref={card}
      tabIndex={-1}
      aria-labelledby="rules-title"
      className="scroll-mt-20 outline-none"
    >
      <CardHeader>
        <CardTitle id="rules-title">Nightly run</CardTitle>
      </CardHeader>
      <CardContent>
        {rules ? (
          <div className="divide-y divide-line">
            <QuotaRule value={rules.onQuota} onChange={(onQuota) => void change({ onQuota })} />
            <ReserveRule
              value={rules.manualReserve}
              onChange={(manualReserve) => void change({ manualReserve })}
            />
            {SWITCHES.map(({ rule, label, text }) => (
              <SwitchRule
                key={rule}
                label={label}
                text={text}
                checked={rules[rule]}
                onChange={(checked) => void change({ [rule]: checked })}
              />
            ))}
          </div>
        ) : error ? (
          <Failed
            what="Failed to load the rules of runs"
            error={error}
            retrying={isFetching}
            onRetry={() => void refetch()}
          />
        ) : (
          <div role="status" className="space-y-5">
            <span className="sr-only">Loading the rules of runs …</span>
            <Skeleton className="h-36 w-full" />
            <Skeleton className="h-14 w-full" />
            {SWITCHES.map(({ rule }) => (
              <Skeleton key={rule} className="h-12 w-full" />
            ))}
          </div>
        )}
      </CardContent>
    </Card>
  );
}
