import { Link } from 'react-router';

import { Failed } from '@/components/ui/failed';
import { Skeleton } from '@/components/ui/skeleton';
import { useRunFailures } from '@/hooks/useActivity';
import { count } from '@/utils/format';

import { LoadMore } from './LoadMore';

/** The films that a run could not complete, and why. */
export function FailedMovies({ jobId, failed }: { jobId: number; failed: number }) {
  const query = useRunFailures(jobId, failed);
  const { data, error, refetch, isFetching } = query;
  const failures = data?.pages.flatMap((job) => job.run?.failures ?? []) ?? [];
  return (
    <section aria-label="Failed movies">
      <h3 className="mb-2 font-medium">Failed movies</h3>
      {data ? (
        <>
          <ul role="list" className="divide-y divide-line">
            {failures.map(({ movieId, title, error: reason }) => (
              <li key={movieId} className="flex flex-wrap items-baseline justify-between gap-x-4 py-1">
                <Link
                  to={`/media/movies/${movieId}/edit`}
                  title={title}
                  className="max-w-full min-w-0 truncate py-2 font-medium hover:underline"
                >
                  {title}
                </Link>
                <span className="pb-2 wrap-anywhere text-bad-ink">{reason}</span>
              </li>
            ))}
          </ul>
          {(query.hasNextPage || data.pages.length > 1) && (
            <LoadMore
              query={query}
              failure="Failed to load more movies"
              shown={`${count(failures.length)} of ${count(Math.max(failed, failures.length))} failed movies`}
            />
          )}
        </>
      ) : error ? (
        <Failed
          what="Failed to load the failed movies"
          error={error}
          onRetry={() => void refetch()}
          retrying={isFetching}
        />
      ) : (
        <div role="status" className="space-y-2">
          <span className="sr-only">Loading failed movies …</span>
          <Skeleton className="h-9 w-full" />
          <Skeleton className="h-9 w-full" />
        </div>
      )}
    </section>
  );
}
