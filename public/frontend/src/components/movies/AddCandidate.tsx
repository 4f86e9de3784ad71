import { CandidateRow } from '@/components/candidates/CandidateRow';
import { InLibrary } from '@/components/candidates/InLibrary';
import { Button } from '@/components/ui/button';
import { useAddMovie } from '@/hooks/useMovies';
import type { Candidate } from '@/types/api';
import { titleWithYear } from '@/utils/format';

/** A film at TMDB, to be added by one press. */
export function AddCandidate({ candidate }: { candidate: Candidate }) {
  const { tmdbId, title, year } = candidate;
  const adding = useAddMovie();
  const movieId = adding.data?.movieId ?? candidate.movieId;
  return (
    <CandidateRow
      candidate={candidate}
      error={adding.error?.message}
      action={
        movieId ? (
          <InLibrary candidate={candidate} movieId={movieId} added={adding.data?.result === 'added'} />
        ) : (
          <Button
            aria-label={`Add ${titleWithYear(title, year)}`}
            busy={adding.isPending}
            onClick={() => adding.mutate({ tmdbId, title, year: year ?? null, imdbId: null, request: null })}
          >
            Add
          </Button>
        )
      }
    />
  );
}
