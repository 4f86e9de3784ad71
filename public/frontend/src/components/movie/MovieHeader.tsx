import { Fingerprint, Lock, Trash2 } from 'lucide-react';

import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import type { MovieDetails } from '@/types/api';
import { pictureUrl } from '@/utils/api';
import { duration, titleWithYear } from '@/utils/format';

import { Backdrop } from './Backdrop';
import { EnrichmentHealthBadge } from './EnrichmentHealthBadge';
import { ExternalIds } from './ExternalIds';
import { Picture } from './Picture';

interface MovieHeaderProps {
  movie: MovieDetails;
  onIdentify: () => void;
  onRemove: () => void;
}

/** Which film this is, how complete it is, and what can be done with it as a whole. */
export function MovieHeader({ movie, onIdentify, onRemove }: MovieHeaderProps) {
  const original = movie.fields['original_title']?.value;
  const { poster, fanart } = movie.fields;
  const title = titleWithYear(movie.title, movie.year);
  return (
    <header className="relative mb-6 overflow-hidden rounded-2xl border border-line bg-card shadow-xs">
      {fanart && (
        <Backdrop key={String(fanart.value)} src={pictureUrl(movie.id, 'fanart', 1280, fanart.fetchedAt)} />
      )}
      <div className="relative grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-3 p-4 sm:grid-rows-[auto_1fr] sm:gap-x-6 sm:p-6">
        <Picture
          key={String(poster?.value)}
          src={poster ? pictureUrl(movie.id, 'poster', 342, poster.fetchedAt) : null}
          alt={`Poster of ${movie.title}`}
          className="aspect-2/3 w-20 self-start shadow-md min-[22rem]:w-24 sm:row-span-2 sm:w-36 lg:w-40"
        />
        <div className="space-y-1">
          <h1
            title={title}
            className="line-clamp-4 text-xl font-semibold tracking-tight text-balance wrap-anywhere sm:text-3xl"
          >
            {title}
          </h1>
          {typeof original === 'string' && original !== movie.title && (
            <p title={original} className="line-clamp-2 wrap-anywhere text-muted">
              <span className="sr-only">Original title: </span>
              <span>{original}</span>
            </p>
          )}
          <Summary movie={movie} />
          <div className="flex flex-wrap items-center gap-x-3 gap-y-2 pt-1.5">
            <EnrichmentHealthBadge completeness={movie.completeness} partial={movie.partial} size="md" />
            {movie.locked.length > 0 && (
              <Badge>
                <Lock aria-hidden /> {movie.locked.length} locked
              </Badge>
            )}
            <ExternalIds imdbId={movie.imdbId} tmdbId={movie.tmdbId} />
          </div>
        </div>
        <div className="col-span-2 flex flex-col gap-3 sm:col-span-1">
          <Tagline movie={movie} />
          <div className="mt-auto flex gap-2 sm:pt-2">
            <Button className="flex-1 sm:flex-none" onClick={onIdentify}>
              <Fingerprint aria-hidden /> Identify
            </Button>
            <Button className="flex-1 sm:flex-none" onClick={onRemove}>
              <Trash2 aria-hidden /> Remove
            </Button>
          </div>
        </div>
      </div>
    </header>
  );
}

/** What one wants to know first; only what is known. */
function Summary({ movie: { fields } }: { movie: MovieDetails }) {
  const rated = fields['content_rating']?.value;
  const minutes = fields['runtime']?.value;
  const genres = fields['genres']?.value;
  const facts = [
    typeof rated === 'string' && rated,
    typeof minutes === 'number' && duration(minutes * 60),
    Array.isArray(genres) && genres.join(', '),
  ].filter(Boolean);
  return facts.length > 0 && <p>{facts.join(' · ')}</p>;
}

function Tagline({ movie: { fields } }: { movie: MovieDetails }) {
  const tagline = fields['tagline']?.value;
  return (
    typeof tagline === 'string' && <p className="hidden text-pretty text-muted italic sm:block">{tagline}</p>
  );
}
