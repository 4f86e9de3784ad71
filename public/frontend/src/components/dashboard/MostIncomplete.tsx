import { PartyPopper } from 'lucide-react';
import { Link } from 'react-router';

import { EnrichmentHealthBadge } from '@/components/movie/EnrichmentHealthBadge';
import { Button } from '@/components/ui/button';
import type { IncompleteMovie } from '@/types/enrichment';
import { titleWithYear } from '@/utils/format';

/** The films that lack most; a phone shows the first three of the ten. */
export function MostIncomplete({ movies }: { movies: IncompleteMovie[] }) {
  if (movies.length === 0) {
    return (
      <p className="flex items-center gap-3 rounded-xl bg-good-soft px-4 py-3 font-medium text-good-ink">
        <PartyPopper aria-hidden className="size-5 shrink-0" />
        Every movie is enriched. There is nothing left to do!
      </p>
    );
  }
  return (
    <div>
      <h3 id="most-incomplete" className="mb-2 font-medium">
        Most Incomplete Movies:
      </h3>
      <ol
        role="list"
        aria-labelledby="most-incomplete"
        className="divide-y divide-line overflow-hidden rounded-xl border border-line"
      >
        {movies.map(({ id, title, year, completeness }) => (
          <li key={id} className="max-sm:nth-[n+4]:hidden">
            <Link
              to={`/media/movies/${id}/edit`}
              className="flex min-h-11 items-center justify-between gap-4 px-3.5 py-1.5 transition-colors hover:bg-sunken focus-visible:-outline-offset-2"
            >
              <span className="min-w-0 truncate" title={titleWithYear(title, year)}>
                {titleWithYear(title, year)}
              </span>{' '}
              <EnrichmentHealthBadge completeness={completeness} />
            </Link>
          </li>
        ))}
      </ol>
      <Button asChild className="mt-4 max-sm:w-full">
        <Link to="/media/movies?filter=incomplete&sort=completeness:asc">View All Incomplete Movies</Link>
      </Button>
    </div>
  );
}
