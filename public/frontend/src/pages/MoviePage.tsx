import { useParams } from 'react-router';

import { MovieGone } from '@/components/movie/MovieGone';
import { MovieSkeleton } from '@/components/movie/MovieSkeleton';
import { MovieView } from '@/components/movie/MovieView';
import { Failed } from '@/components/ui/failed';
import { useMovie } from '@/hooks/useMovies';
import { ApiError } from '@/utils/api';

const MOVIE_ID = /^[1-9]\d{0,8}$/;

export default function MoviePage() {
  const { id = '' } = useParams();
  if (!MOVIE_ID.test(id)) return <MovieGone title="There is no movie at this address" />;
  // Another film is another page: nothing that was opened or typed for this one stays.
  return <Movie key={id} movieId={Number(id)} />;
}

function Movie({ movieId }: { movieId: number }) {
  const { data: movie, error, isFetching, refetch } = useMovie(movieId);
  if (error instanceof ApiError && error.status === 404) {
    return <MovieGone title={`This movie is not in the library${movie ? ' any more' : ''}`} />;
  }
  if (movie) return <MovieView movie={movie} />;
  if (!error) return <MovieSkeleton />;
  return (
    <>
      <title>Movie · Metarr</title>
      <h1 className="sr-only">Movie</h1>
      <Failed
        what="Failed to load the movie"
        error={error}
        onRetry={() => void refetch()}
        retrying={isFetching}
      />
    </>
  );
}
