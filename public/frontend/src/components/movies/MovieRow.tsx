import { CircleHelp, Clock, TriangleAlert } from 'lucide-react';
import { memo } from 'react';
import { Link } from 'react-router';

import { EnrichmentHealthBadge } from '@/components/movie/EnrichmentHealthBadge';
import { Badge } from '@/components/ui/badge';
import { Moment } from '@/components/ui/moment';
import type { MovieSummary } from '@/types/api';
import { fieldTitle, providerTitle } from '@/types/fields';
import { pictureUrl } from '@/utils/api';
import { cn } from '@/utils/cn';
import { list, titleWithYear } from '@/utils/format';

import { Poster } from './Poster';
import { ROW } from './rowLook';

const POSTER_WIDTH = 92;
const FIELDS_NAMED = 3;

interface MovieRowProps {
  movie: MovieSummary;
  /** Counted from 0. */
  index: number;
  height: number;
}

/** A film in the list: a row of the table, a card on a phone. A press anywhere on it opens the film. */
export const MovieRow = memo(function MovieRow({ movie, index, height }: MovieRowProps) {
  const title = titleWithYear(movie.title, movie.year);
  const noteworthy = movie.identification !== 'identified' || movie.rateLimitedProviders.length > 0;
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      className={`${ROW} hover:bg-sunken/50`}
      style={{ height, transform: `translateY(${index * height}px)` }}
    >
      <div role="cell" className="flex min-w-0 items-center gap-3">
        <Poster
          key={movie.id}
          src={movie.hasPoster ? pictureUrl(movie.id, 'poster', POSTER_WIDTH, movie.lastEnriched) : null}
          className="h-[4.875rem] w-[3.25rem] max-lg:absolute max-lg:top-[1.125rem] max-lg:left-4 lg:h-[3.375rem] lg:w-9"
        />
        <Link
          to={`/media/movies/${movie.id}/edit`}
          title={title}
          dir="auto"
          className="line-clamp-1 font-medium wrap-anywhere after:absolute after:inset-0 hover:text-brand-ink focus-visible:outline-none focus-visible:after:rounded-lg focus-visible:after:outline-2 focus-visible:after:outline-offset-[-3px] focus-visible:after:outline-brand lg:line-clamp-2"
        >
          {title}
        </Link>
      </div>
      <div role="cell" className="max-lg:justify-self-end">
        <EnrichmentHealthBadge completeness={movie.completeness} partial={movie.partial} size="sm" />
      </div>
      <MissingFields names={movie.missingFields} />
      <div
        role="cell"
        className={cn(
          'flex min-w-0 gap-1 overflow-hidden lg:flex-wrap',
          noteworthy ? 'max-sm:col-span-2' : 'max-sm:hidden',
        )}
      >
        <Attention movie={movie} />
      </div>
      <div
        role="cell"
        // On a phone what needs attention takes its place.
        className={cn(
          'text-xs text-muted max-sm:truncate sm:text-right lg:text-sm',
          noteworthy ? 'max-sm:hidden' : 'max-sm:col-span-2',
        )}
      >
        <span className="lg:hidden">Last enriched: </span>
        {movie.lastEnriched ? (
          <Moment at={movie.lastEnriched} />
        ) : (
          <>
            <span className="lg:hidden">never</span>
            <span className="max-lg:hidden">Never</span>
          </>
        )}
      </div>
    </div>
  );
});

function MissingFields({ names }: { names: string[] }) {
  const titles = names.map(fieldTitle);
  const more = titles.length - FIELDS_NAMED;
  return (
    <div role="cell" className="min-w-0 text-xs text-muted max-lg:col-span-2 lg:text-sm">
      {titles.length === 0 ? (
        <>
          <span className="max-lg:hidden">None</span>
          <span className="lg:hidden">No missing fields</span>
        </>
      ) : (
        // Above the link over the whole row, or its explanation would never show.
        <span title={`Missing: ${list(titles)}`} className="relative flex min-w-0 gap-1.5">
          <span className="truncate lg:line-clamp-2 lg:whitespace-normal">
            <span className="lg:hidden">Missing: </span>
            {titles.slice(0, FIELDS_NAMED).join(', ')}
          </span>
          {more > 0 && <span className="shrink-0 tabular-nums">+{more}</span>}
        </span>
      )}
    </div>
  );
}

function Attention({ movie }: { movie: MovieSummary }) {
  const limited = movie.rateLimitedProviders.map(providerTitle);
  return (
    <>
      {movie.identification === 'unidentified' && (
        <Badge tone="bad" title="No provider could say which movie this is">
          <CircleHelp aria-hidden />
          Unidentified
        </Badge>
      )}
      {movie.identification === 'pending' && (
        <Badge title="The next enrichment finds out which movie this is">
          <Clock aria-hidden />
          Not looked up yet
        </Badge>
      )}
      {limited.length > 0 && (
        <Badge tone="warn" title={`Rate-limited providers: ${limited.join(', ')}`}>
          <TriangleAlert aria-hidden />
          {limited.length > 1 ? `${limited.length} limited` : `${limited.join('')} limited`}
        </Badge>
      )}
    </>
  );
}
