import { useEffect, useRef } from 'react';
import { Link } from 'react-router';

import { useMovie } from '@/hooks/useMovies';
import { ApiError } from '@/utils/api';
import { titleWithYear } from '@/utils/format';

/** Why a film could not be identified so; another film that has the id is named. */
export function IdentifyConflict({ error }: { error: Error }) {
  const other = error instanceof ApiError ? error.movieId : undefined;
  const place = useRef<HTMLSpanElement>(null);
  useEffect(() => place.current?.scrollIntoView({ block: 'nearest' }), []);
  return (
    <span ref={place} className="wrap-anywhere">
      This choice was not accepted:{' '}
      {other ? (
        <>
          this id belongs to <OtherMovie movieId={other} />, which is in your library already.
        </>
      ) : (
        error.message
      )}
    </span>
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
