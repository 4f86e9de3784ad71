import { Link } from 'react-router';

import type { Candidate } from '@/types/api';
import { titleWithYear } from '@/utils/format';

interface InLibraryProps {
  candidate: Candidate;
  /** The library's film. */
  movieId: number;
  /** It was not there before. */
  added?: boolean;
}

/** Stands in the place of the button where the library has the film; leads to it. */
export function InLibrary({ candidate: { title, year }, movieId, added = false }: InLibraryProps) {
  return (
    <Link
      to={`/media/movies/${movieId}/edit`}
      className="inline-flex min-h-9 items-center text-xs font-medium text-brand-ink underline underline-offset-2"
    >
      {added ? 'Added' : 'In your library'}
      <span className="sr-only">: {titleWithYear(title, year)}</span>
    </Link>
  );
}
