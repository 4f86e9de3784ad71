import { Link } from 'react-router';

import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import type { Candidate } from '@/types/api';
import { candidatePosterUrl } from '@/utils/api';
import { titleWithYear } from '@/utils/format';

import type { Choices } from './CandidateList';
import { Picture } from './Picture';

/** A film that may be meant. One that the library has already cannot be chosen again. */
export function CandidateRow({
  candidate,
  movie,
  busy,
  chosen,
  onChoose,
}: Choices & { candidate: Candidate }) {
  const { tmdbId, title, originalTitle, year, overview, poster, movieId } = candidate;
  const name = titleWithYear(title, year);
  return (
    <li className="flex flex-wrap gap-x-4 gap-y-3 p-3 sm:flex-nowrap">
      <Picture
        src={poster ? candidatePosterUrl(poster, 154) : null}
        alt=""
        className="aspect-2/3 w-14 shrink-0 self-start"
      />
      <div className="min-w-0 flex-1 basis-48">
        <p className="font-medium wrap-anywhere">{name}</p>
        {originalTitle && originalTitle !== title && (
          <p className="text-xs wrap-anywhere text-muted">{originalTitle}</p>
        )}
        {overview && <p className="mt-1 line-clamp-3 text-xs text-pretty text-muted">{overview}</p>}
      </div>
      <div className="ml-auto shrink-0 self-center">
        {tmdbId === movie.tmdbId ? (
          <Badge tone="good">Chosen now</Badge>
        ) : movieId !== null && movieId !== movie.id ? (
          <Link
            to={`/media/movies/${movieId}/edit`}
            className="inline-flex min-h-9 items-center text-xs font-medium text-brand-ink underline underline-offset-2"
          >
            In your library already
          </Link>
        ) : (
          <Button
            aria-label={`Choose ${name}`}
            busy={chosen === tmdbId}
            disabled={busy}
            onClick={() => onChoose(tmdbId)}
          >
            Choose
          </Button>
        )}
      </div>
    </li>
  );
}
