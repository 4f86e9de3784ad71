import { LoaderCircle, TriangleAlert } from 'lucide-react';
import { useState } from 'react';

import { Card, CardContent, CardHeader, CardTitle } from '@/components/ui/card';
import { Failed } from '@/components/ui/failed';
import { Skeleton } from '@/components/ui/skeleton';
import { useMovieEnrichmentStatus } from '@/hooks/useEnrichment';
import { useKeptFocus } from '@/hooks/useKeptFocus';
import { useRefresh } from '@/hooks/useRefresh';
import { isGoingOn, type MovieJob } from '@/live/movieJob';
import type { MovieDetails } from '@/types/api';

import { EnrichmentFacts } from './EnrichmentFacts';
import { EnrichmentProgress } from './EnrichmentProgress';
import { InView } from './InView';
import { MissingFields } from './MissingFields';
import { PartialNote } from './PartialNote';
import { ProviderStatusDialog } from './ProviderStatusDialog';
import { RefreshActions } from './RefreshActions';
import { RefreshOutcome } from './RefreshOutcome';

const TITLE_ID = 'enrichment-status';

/** More missing fields than these would push the buttons out of sight: they come after them. */
const SHORT = 6;

interface EnrichmentStatusSectionProps {
  movie: MovieDetails;
  /** The film's refresh that is to be shown. */
  job: MovieJob | null;
  onIdentify: () => void;
}

/** How complete a film's metadata is, what is missing and why, and its refresh, live. */
export function EnrichmentStatusSection({ movie, job, onIdentify }: EnrichmentStatusSectionProps) {
  const { data: status, error, isPending, isFetching, refetch } = useMovieEnrichmentStatus(movie.id);
  const going = isGoingOn(job);
  // What had ended before a person came here is no news to them.
  const [old] = useState(going ? null : (job?.jobId ?? null));
  const news = job?.jobId === old ? null : job;
  const refresh = useRefresh(movie.id, Math.max(job?.jobId ?? 0, status?.lastJob?.jobId ?? 0));
  const view = `${news?.jobId} ${going} ${refresh.error?.message}`;
  const { title, watch } = useKeptFocus(view);
  const actions = status && (
    <RefreshActions key="actions" refresh={refresh} going={going}>
      <ProviderStatusDialog providers={status.providers} />
    </RefreshActions>
  );
  const missing = status && <MissingFields key="missing" status={status} />;
  // What came of a refresh says itself that it was partial.
  const saysPartial = news?.state === 'completed' && news.freshSince === null;
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
        <InView of={news !== null && news.jobId === refresh.jobId ? view : null}>
          {job && going ? (
            <EnrichmentProgress movieId={movie.id} job={job} />
          ) : (
            status && (
              <RefreshOutcome
                movie={movie}
                status={status}
                job={news}
                refresh={refresh}
                onIdentify={onIdentify}
              />
            )
          )}
        </InView>
        {isPending && !going && <Loading />}
        {!status && error && !going && (
          <Failed
            what="Failed to load the enrichment status"
            error={error}
            onRetry={() => void refetch()}
            retrying={isFetching}
          />
        )}
        {status && <EnrichmentFacts status={status} />}
        {status?.partial && !saysPartial && <PartialNote status={status} />}
        {status && (status.missingFields.length > SHORT ? [actions, missing] : [missing, actions])}
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
