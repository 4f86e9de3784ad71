import { CircleQuestionMark, Library } from 'lucide-react';
import { Link } from 'react-router';

import { Button } from '@/components/ui/button';
import { Card, CardContent, CardHeader, CardTitle } from '@/components/ui/card';
import { Empty } from '@/components/ui/empty';
import { Failed } from '@/components/ui/failed';
import { Skeleton } from '@/components/ui/skeleton';
import { Tooltip } from '@/components/ui/tooltip';
import { useEnrichmentStats } from '@/hooks/useEnrichment';

import { CompletenessFigures } from './CompletenessFigures';
import { MostIncomplete } from './MostIncomplete';

/** How complete the library is, and where it is least so. */
export function CompletenessStatCard() {
  const { data, error, refetch, isFetching } = useEnrichmentStats();
  return (
    <Card aria-labelledby="library-completeness">
      <CardHeader>
        <CardTitle id="library-completeness">Library Completeness</CardTitle>
        {data && data.total > 0 && <Explanation />}
      </CardHeader>
      {data ? (
        data.total === 0 ? (
          <NoMovies />
        ) : (
          <CardContent className="space-y-6">
            <CompletenessFigures stats={data} />
            <MostIncomplete movies={data.topIncomplete} />
          </CardContent>
        )
      ) : (
        <CardContent>
          {error ? (
            <Failed
              what="Failed to load completeness data"
              error={error}
              onRetry={() => void refetch()}
              retrying={isFetching}
            />
          ) : (
            <Loading />
          )}
        </CardContent>
      )}
    </Card>
  );
}

function Explanation() {
  return (
    <Tooltip
      opensOnPress
      text={
        <>
          <strong className="font-semibold">Metadata completeness tracking</strong>
          <br />
          The share of a movie’s fields that have a value. From 90% a movie counts as enriched, from 60% as
          partial; below, its metadata is missing.
        </>
      }
    >
      <Button variant="ghost" size="icon" className="-my-1 -mr-2" aria-label="What completeness means">
        <CircleQuestionMark aria-hidden />
      </Button>
    </Tooltip>
  );
}

function NoMovies() {
  return (
    <Empty
      icon={Library}
      title="No movies in library"
      actions={
        <Button asChild variant="primary">
          <Link to="/media/movies?add=1">Add movies</Link>
        </Button>
      }
    >
      Add a library to get started
    </Empty>
  );
}

function Loading() {
  return (
    <div role="status" className="space-y-6">
      <div className="space-y-2.5">
        <p className="leading-8 text-muted">Loading completeness data...</p>
        <Skeleton className="h-2.5 w-full rounded-full" />
      </div>
      <Skeleton className="h-44 w-full rounded-xl sm:h-16" />
      <Skeleton className="h-54 w-full rounded-xl sm:h-132" />
    </div>
  );
}
