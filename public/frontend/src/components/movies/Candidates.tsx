import { Callout } from '@/components/ui/callout';
import { Failed } from '@/components/ui/failed';
import { Skeleton } from '@/components/ui/skeleton';
import { useCandidates } from '@/hooks/useMovies';

import { CandidateRow } from './CandidateRow';

interface CandidatesProps {
  title: string;
  year: number | null;
}

/** Films at TMDB that a title may mean. */
export function Candidates({ title, year }: CandidatesProps) {
  const { data, error, isPending, isFetching, refetch } = useCandidates(title, year);
  return (
    <section aria-label="Found at TMDB" aria-busy={isPending} className="mt-6">
      {isPending && (
        <div role="status" className="space-y-3">
          <span className="sr-only">Searching TMDB …</span>
          {[1, 2, 3].map((place) => (
            <Skeleton key={place} className="h-24 w-full rounded-xl" />
          ))}
        </div>
      )}
      {error && (
        <Failed
          what="TMDB could not be searched"
          error={error}
          onRetry={() => void refetch()}
          retrying={isFetching}
        />
      )}
      {data?.candidates.length === 0 && (
        <Callout tone="info">TMDB knows no movie of this title. You can still add it as it is.</Callout>
      )}
      {data && data.candidates.length > 0 && (
        <ul role="list" className="divide-y divide-line rounded-xl border border-line">
          {data.candidates.map((candidate) => (
            <CandidateRow key={candidate.tmdbId} candidate={candidate} />
          ))}
        </ul>
      )}
    </section>
  );
}
