import { Link } from 'react-router';

import { Callout } from '@/components/ui/callout';
import type { AddedMovie } from '@/types/api';
import { ApiError } from '@/utils/api';

import { RunHint } from './RunHint';

interface AddOutcomeProps {
  movie: AddedMovie | undefined;
  error: Error | null;
  /** The error stands at a field already. */
  shownAtField: boolean;
}

/** What became of the film that was to be added. */
export function AddOutcome({ movie, error, shownAtField }: AddOutcomeProps) {
  const inTheWay = error instanceof ApiError ? error.movieId : undefined;
  if (error && (!shownAtField || inTheWay !== undefined)) {
    return (
      <Callout tone="bad" className="mt-4" actions={<FilmLink movieId={inTheWay} />}>
        {shownAtField ? 'Another movie of the library has this id.' : error.message}
      </Callout>
    );
  }
  if (!movie) return null;
  const added = movie.result === 'added';
  return (
    <Callout
      tone={added ? 'good' : 'info'}
      className="mt-4"
      actions={<FilmLink movieId={movie.movieId ?? undefined} />}
    >
      <p dir="auto" className="line-clamp-3 font-medium wrap-anywhere">
        {added ? `Added: ${movie.title ?? 'the movie'}` : 'Already in your library'}
      </p>
      {movie.note && <p className="mt-0.5 text-xs">{movie.note}</p>}
      {added && <RunHint />}
    </Callout>
  );
}

function FilmLink({ movieId }: { movieId: number | undefined }) {
  if (movieId === undefined) return null;
  return (
    <Link to={`/media/movies/${movieId}/edit`} className="py-2 font-medium underline underline-offset-2">
      Show movie
    </Link>
  );
}
