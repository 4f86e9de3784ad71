import type { ReactNode } from 'react';

import { Failed } from '@/components/ui/failed';
import { Skeleton } from '@/components/ui/skeleton';
import { useCandidates } from '@/hooks/useMovies';
import type { Candidate } from '@/types/api';
import { count } from '@/utils/format';

import { CandidateList } from './CandidateList';

export interface Wanted {
  title: string;
  year: number | null;
}

interface CandidateResultsProps {
  /** What is searched for; null before a person has asked for a search. */
  wanted: Wanted | null;
  /** What to do where TMDB knows no such film. */
  hint: string;
  /** The row of a candidate. */
  children: (candidate: Candidate) => ReactNode;
}

/** Films at TMDB that a title may mean. Only how many there are is announced, or it would read out every plot. */
export function CandidateResults({ wanted, hint, children }: CandidateResultsProps) {
  const { data, error, isFetching, refetch } = useCandidates(wanted?.title ?? '', wanted?.year ?? null);
  const found = data?.candidates;
  const searching = isFetching && !found;
  return (
    <div aria-busy={searching}>
      {/* It is there before it says anything: what appears together with its text is often not announced. */}
      <p role="status" className="text-muted not-empty:mt-4">
        {searching ? 'Searching TMDB …' : found && foundInWords(found.length)}
      </p>
      {searching ? (
        <div className="mt-2 space-y-3">
          {[1, 2, 3].map((place) => (
            <Skeleton key={place} className="h-24 w-full rounded-xl" />
          ))}
        </div>
      ) : error ? (
        <div className="mt-4">
          <Failed what="TMDB could not be searched" error={error} onRetry={() => void refetch()} />
        </div>
      ) : (
        found &&
        (found.length > 0 ? (
          <div className="mt-2">
            <CandidateList candidates={found}>{children}</CandidateList>
          </div>
        ) : (
          <p className="mt-1 text-muted">{hint}</p>
        ))
      )}
    </div>
  );
}

function foundInWords(number: number): string {
  if (number === 0) return 'No movie found';
  return number === 1 ? '1 movie found' : `${count(number)} movies found`;
}
