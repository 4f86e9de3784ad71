import { Card } from '@/components/ui/card';
import { Moment } from '@/components/ui/moment';
import type { MovieDetails } from '@/types/api';
import { fieldTitle, sourceTitle } from '@/types/fields';
import { pictureUrl } from '@/utils/api';
import { cn } from '@/utils/cn';

import { Picture } from './Picture';

const KINDS = [
  { kind: 'poster', width: 780, place: 'aspect-2/3', span: '' },
  { kind: 'fanart', width: 1280, place: 'aspect-video', span: 'sm:col-span-2' },
  { kind: 'clearlogo', width: 780, place: 'aspect-5/2', span: '' },
] as const;

/** The film's pictures, large. */
export function Artwork({ movie }: { movie: MovieDetails }) {
  return (
    <div className="grid items-start gap-5 sm:grid-cols-2 lg:grid-cols-3">
      {KINDS.map(({ kind, width, place, span }) => {
        const known = movie.fields[kind];
        return (
          <Card key={kind} className={cn('overflow-hidden', span)} aria-label={fieldTitle(kind)}>
            <Picture
              key={String(known?.value)}
              src={known ? pictureUrl(movie.id, kind, width, known.fetchedAt) : null}
              alt={`${fieldTitle(kind)} of ${movie.title}`}
              fit={kind === 'clearlogo' ? 'contain' : 'cover'}
              className={cn('rounded-none', place)}
            />
            <p className="flex justify-between gap-3 px-5 py-3">
              <span className="font-medium">{fieldTitle(kind)}</span>
              <span className="text-xs leading-5 text-muted">
                {known ? (
                  <>
                    {sourceTitle(known.source)} · <Moment at={known.fetchedAt} />
                  </>
                ) : (
                  'Missing'
                )}
              </span>
            </p>
          </Card>
        );
      })}
    </div>
  );
}
