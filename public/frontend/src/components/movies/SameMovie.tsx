import { Link } from 'react-router';

import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import type { MovieSummary } from '@/types/api';
import { titleWithYear } from '@/utils/format';

interface SameMovieProps {
  movie: MovieSummary;
  adding: boolean;
  /** It is another film all the same. */
  onAdd: () => void;
}

/** A film of this title and year is there already: nothing was added yet. */
export function SameMovie({ movie, adding, onAdd }: SameMovieProps) {
  return (
    <Callout
      tone="warn"
      className="mt-4"
      actions={
        <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
          <Link
            to={`/media/movies/${movie.id}/edit`}
            className="py-2 font-medium underline underline-offset-2"
          >
            Show movie
          </Link>
          <Button busy={adding} onClick={onAdd}>
            Add anyway
          </Button>
        </div>
      }
    >
      <p dir="auto" className="line-clamp-3 font-medium wrap-anywhere">
        {titleWithYear(movie.title, movie.year)} is already in your library
      </p>
    </Callout>
  );
}
