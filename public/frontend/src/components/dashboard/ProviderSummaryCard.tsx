import { Link } from 'react-router';

import { Button } from '@/components/ui/button';
import { Card, CardContent, CardHeader, CardTitle } from '@/components/ui/card';
import { Failed } from '@/components/ui/failed';
import { Skeleton } from '@/components/ui/skeleton';
import { useProviders } from '@/hooks/useProviders';

import { ProviderLine } from './ProviderLine';

/** The providers at a glance. */
export function ProviderSummaryCard() {
  const { data, error, refetch, isFetching } = useProviders();
  return (
    <Card aria-labelledby="providers-at-a-glance">
      <CardHeader>
        <CardTitle id="providers-at-a-glance">Providers</CardTitle>
        <Button asChild variant="ghost" className="-my-1 -mr-3">
          <Link to="/settings/general#providers">View Providers</Link>
        </Button>
      </CardHeader>
      <CardContent>
        {data ? (
          <ul role="list" className="divide-y divide-line">
            {data.providers.map((provider) => (
              <ProviderLine key={provider.name} provider={provider} />
            ))}
          </ul>
        ) : error ? (
          <Failed
            what="Failed to load providers"
            error={error}
            onRetry={() => void refetch()}
            retrying={isFetching}
          />
        ) : (
          <Loading />
        )}
      </CardContent>
    </Card>
  );
}

function Loading() {
  return (
    <div role="status" className="space-y-4">
      <span className="sr-only">Loading providers …</span>
      <Skeleton className="h-11 w-full" />
      <Skeleton className="h-11 w-full" />
      <Skeleton className="h-11 w-full" />
    </div>
  );
}
