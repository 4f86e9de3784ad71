import { Link } from 'react-router';

import { Callout } from '@/components/ui/callout';
import { useMovie } from '@/hooks/useMovies';
import { ApiError } from '@/utils/api';
import { titleWithYear } from '@/utils/format';

/** Why a film could not be identified so; another film that has the id is named. */
export function IdentifyConflict({ error }: { error: Error }) {
  const other = error instanceof ApiError ? error.movieId : undefined;
  return (
    <Callout tone="bad">
      <p className="font-medium">This choice was not accepted</p>
      {other ? (
        <p className="mt-0.5">
          This id belongs to <OtherMovie movieId={other} />, which is in your library already.
        </p>
      ) : (
        <p className="mt-0.5 text-xs">{error.message}</p>
      )}
    </Callout>
  );
}

function OtherMovie({ movieId }: { movieId: number }) {
  const movie = useMovie(movieId).data;
  return (
    <Link to={`/media/movies/${movieId}/edit`} className="font-medium underline underline-offset-2">
      {movie ? titleWithYear(movie.title, movie.year) : `movie ${movieId}`}
    </Link>
  );
}
