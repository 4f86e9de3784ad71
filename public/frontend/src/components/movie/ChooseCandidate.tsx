import { CandidateRow } from '@/components/candidates/CandidateRow';
import { InLibrary } from '@/components/candidates/InLibrary';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import type { Candidate, MovieDetails } from '@/types/api';
import { titleWithYear } from '@/utils/format';

interface ChooseCandidateProps {
  candidate: Candidate;
  movie: MovieDetails;
  /** A choice is being carried out. */
  busy: boolean;
  /** TMDB id of that choice. */
  chosen: number | null;
  onChoose: (tmdbId: number) => void;
}

/** A film that may be meant. One that the library has already cannot be chosen again. */
export function ChooseCandidate({ candidate, movie, busy, chosen, onChoose }: ChooseCandidateProps) {
  const { tmdbId, title, year, movieId } = candidate;
  return (
    <CandidateRow
      candidate={candidate}
      action={
        tmdbId === movie.tmdbId ? (
          <Badge tone="good">Chosen now</Badge>
        ) : movieId !== null && movieId !== movie.id ? (
          <InLibrary candidate={candidate} movieId={movieId} />
        ) : (
          <Button
            aria-label={`Choose ${titleWithYear(title, year)}`}
            busy={chosen === tmdbId}
            disabled={busy}
            onClick={() => onChoose(tmdbId)}
          >
            Choose
          </Button>
        )
      }
    />
  );
}
