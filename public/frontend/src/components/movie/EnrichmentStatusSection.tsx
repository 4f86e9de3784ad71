import { LoaderCircle, TriangleAlert } from 'lucide-react';
import { useState } from 'react';

import { Card, CardContent, CardHeader, CardTitle } from '@/components/ui/card';
import { Failed } from '@/components/ui/failed';
import { Skeleton } from '@/components/ui/skeleton';
import { useMovieEnrichmentStatus, useMovieJob } from '@/hooks/useEnrichment';
import { useKeptFocus } from '@/hooks/useKeptFocus';
import { useRefresh } from '@/hooks/useRefresh';
import { afterStatus, isGoingOn } from '@/live/movieJob';

import { EnrichmentFacts } from './EnrichmentFacts';
import { EnrichmentProgress } from './EnrichmentProgress';
import { MissingFields } from './MissingFields';
import { PartialNote } from './PartialNote';
import { ProviderStatusDialog } from './ProviderStatusDialog';
import { RefreshActions } from './RefreshActions';
import { RefreshOutcome } from './RefreshOutcome';

const TITLE_ID = 'enrichment-status';

/** How complete a film's metadata is, what is missing and why, and its refresh, live. */
export function EnrichmentStatusSection({ movieId }: { movieId: number }) {
  const { data: status, error, isPending, isFetching, refetch } = useMovieEnrichmentStatus(movieId);
  const job = afterStatus(useMovieJob(movieId), status?.lastJob);
  const going = isGoingOn(job);
  // What had ended before a person came here is no news to them.
  const [old] = useState(going ? null : (job?.jobId ?? null));
  const refresh = useRefresh(movieId, Math.max(job?.jobId ?? 0, status?.lastJob?.jobId ?? 0));
  const { title, watch } = useKeptFocus(going);
  return (
    <Card aria-labelledby={TITLE_ID} {...watch}>
      <CardHeader>
        <CardTitle id={TITLE_ID} ref={title} tabIndex={-1} className="outline-none">
          Enrichment Status
        </CardTitle>
        {going ? (
          <LoaderCircle aria-hidden className="size-5 animate-spin text-brand-ink" />
        ) : (
          status?.partial && <TriangleAlert aria-hidden className="size-5 text-warn-ink" />
        )}
      </CardHeader>
      <CardContent className="space-y-5">
        {job && going && <EnrichmentProgress movieId={movieId} job={job} />}
        {isPending && !going && <Loading />}
        {!status && error && !going && (
          <Failed
            what="Failed to load the enrichment status"
            error={error}
            onRetry={() => void refetch()}
            retrying={isFetching}
          />
        )}
        {status && !going && (
          <>
            <RefreshOutcome
              job={job?.jobId === old ? null : job}
              lastJob={status.lastJob}
              refresh={refresh}
            />
            <EnrichmentFacts status={status} />
            {status.partial && <PartialNote status={status} />}
            <MissingFields status={status} />
            <RefreshActions refresh={refresh}>
              <ProviderStatusDialog providers={status.providers} />
            </RefreshActions>
          </>
        )}
      </CardContent>
    </Card>
  );
}

function Loading() {
  return (
    <div role="status" className="space-y-4">
      <span className="sr-only">Loading the enrichment status …</span>
      <Skeleton className="h-6 w-44" />
      <Skeleton className="h-2.5 w-full" />
      <Skeleton className="h-10 w-56" />
      <Skeleton className="h-32 w-full" />
      <Skeleton className="h-9 w-full" />
    </div>
  );
}
