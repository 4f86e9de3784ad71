import type { MovieDetails } from '@/types/api';

const LINK = 'rounded-sm font-medium text-brand-ink underline-offset-2 hover:underline tabular-nums';

/** The film's ids at the sites that know it; following one is the person's own step. */
export function ExternalIds({ imdbId, tmdbId }: Pick<MovieDetails, 'imdbId' | 'tmdbId'>) {
  if (!imdbId && !tmdbId) return <span className="text-xs text-muted">Not identified</span>;
  return (
    <span className="flex flex-wrap gap-x-3 text-xs text-muted">
      {imdbId && (
        <span>
          IMDb{' '}
          <a href={`https://www.imdb.com/title/${imdbId}/`} rel="noreferrer" target="_blank" className={LINK}>
            {imdbId}
          </a>
        </span>
      )}
      {tmdbId && (
        <span>
          TMDB{' '}
          <a
            href={`https://www.themoviedb.org/movie/${tmdbId}`}
            rel="noreferrer"
            target="_blank"
            className={LINK}
          >
            {tmdbId}
          </a>
        </span>
      )}
    </span>
  );
}
