import { Card, CardContent, CardHeader, CardTitle } from '@/components/ui/card';
import { Failed } from '@/components/ui/failed';
import { Skeleton } from '@/components/ui/skeleton';
import { useBulkStatus } from '@/hooks/useEnrichment';
import { useLinkTarget } from '@/hooks/useLinkTarget';
import { useProviders } from '@/hooks/useProviders';
import { PROVIDERS } from '@/types/fields';

import { ProviderRow } from './ProviderRow';

/** Whether each provider answers, and what to do where it does not. */
export function ProvidersCard() {
  const { data, error, isFetching, refetch } = useProviders();
  const settled = data !== undefined || error !== null;
  const { isPending: moves } = useBulkStatus();
  const card = useLinkTarget('providers', settled && !moves);
  return (
    <Card
      id="providers"
      ref={card}
      aria-labelledby="providers-title"
      tabIndex={-1}
      className="scroll-mt-20 outline-none"
    >
      <CardHeader>
        <CardTitle id="providers-title">Providers</CardTitle>
      </CardHeader>
      <CardContent>
        {data ? (
          <ul role="list" className="divide-y divide-line">
            {PROVIDERS.map((provider) => {
              const state = data.providers.find(({ name }) => name === provider.name);
              return state && <ProviderRow key={provider.name} provider={provider} state={state} />;
            })}
          </ul>
        ) : error ? (
          <Failed
            what="Failed to load provider status"
            error={error}
            retrying={isFetching}
            onRetry={() => void refetch()}
          />
        ) : (
          <div role="status" className="space-y-4">
            <span className="sr-only">Loading provider status …</span>
            {PROVIDERS.map(({ name }) => (
              <Skeleton key={name} className="h-14 w-full" />
            ))}
          </div>
        )}
      </CardContent>
    </Card>
  );
}
