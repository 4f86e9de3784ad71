import { Link } from 'react-router';

import { Button } from '@/components/ui/button';
import { useAddMovie } from '@/hooks/useMovies';
import type { Candidate } from '@/types/api';
import { candidatePosterUrl } from '@/utils/api';
import { titleWithYear } from '@/utils/format';

import { Poster } from './Poster';

/** A film at TMDB, to be added by one press. */
export function CandidateRow({ candidate }: { candidate: Candidate }) {
  const { tmdbId, title, originalTitle, year, poster, overview } = candidate;
  const adding = useAddMovie();
  const movieId = adding.data?.movieId ?? candidate.movieId;
  const name = titleWithYear(title, year);
  return (
    <li className="flex gap-3 p-3 max-sm:flex-wrap">
      <Poster src={poster ? candidatePosterUrl(poster, 92) : null} className="h-[4.875rem] w-[3.25rem]" />
      <div className="min-w-0 flex-1">
        <p dir="auto" className="font-medium break-words">
          {name}
        </p>
        {originalTitle && originalTitle !== title && (
          <p dir="auto" className="text-xs break-words text-muted">
            {originalTitle}
          </p>
        )}
        {overview && <p className="mt-1 line-clamp-2 text-xs text-muted">{overview}</p>}
        {adding.error && (
          <p role="status" className="mt-1 text-xs text-bad-ink">
            {adding.error.message}
          </p>
        )}
      </div>
      <div className="self-center max-sm:ml-auto">
        {movieId ? (
          <Link
            to={`/media/movies/${movieId}/edit`}
            className="block py-2 text-xs font-medium text-brand-ink underline underline-offset-2"
          >
            {adding.data?.result === 'added' ? 'Added' : 'In your library'}
            <span className="sr-only">: {name}</span>
          </Link>
        ) : (
          <Button
            aria-label={`Add ${name}`}
            busy={adding.isPending}
            onClick={() => adding.mutate({ tmdbId, title, year: year ?? null, imdbId: null, request: null })}
          >
            Add
          </Button>
        )}
      </div>
    </li>
  );
}
