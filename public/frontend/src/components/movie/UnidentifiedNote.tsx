import { Link } from 'react-router';

import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import type { Candidate, MovieDetails } from '@/types/api';
import { count, titleWithYear } from '@/utils/format';

interface UnidentifiedNoteProps {
  movie: MovieDetails;
  onIdentify: () => void;
  onRemove: () => void;
}

/** What a person can do about a film of which it is not known which one it is. */
export function UnidentifiedNote({ movie, onIdentify, onRemove }: UnidentifiedNoteProps) {
  const { candidates } = movie;
  const same = candidates.length === 1 ? candidates.find(({ movieId }) => movieId !== null) : undefined;
  return (
    <Callout
      tone="warn"
      className="mb-6"
      actions={
        <div className="flex flex-wrap gap-2">
          {same && <Button onClick={onRemove}>Remove this one</Button>}
          <Button onClick={onIdentify}>Choose the movie</Button>
        </div>
      }
    >
      <p className="font-medium">It is not known which movie this is</p>
      <p>{same ? <Same candidate={same} /> : meant(candidates.length)}</p>
    </Callout>
  );
}

function Same({ candidate: { movieId, title, year } }: { candidate: Candidate }) {
  return (
    <>
      This seems to be the same movie as{' '}
      <Link
        to={`/media/movies/${movieId}/edit`}
        className="font-medium wrap-anywhere underline underline-offset-2"
      >
        {titleWithYear(title, year)}
      </Link>
      .
    </>
  );
}

function meant(films: number): string {
  if (films === 0) return 'TMDB found no movie of this title. Search for it, or paste its id.';
  return films === 1 ? '1 movie may be meant.' : `${count(films)} movies may be meant.`;
}
