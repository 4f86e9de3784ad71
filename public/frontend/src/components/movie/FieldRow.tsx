import { Lock } from 'lucide-react';

import { Moment } from '@/components/ui/moment';
import { Tooltip } from '@/components/ui/tooltip';
import type { MovieDetails } from '@/types/api';
import { type FieldDefinition, sourceTitle } from '@/types/fields';
import { pictureUrl } from '@/utils/api';

import { FieldContent } from './FieldContent';
import { Picture } from './Picture';

interface FieldRowProps {
  movie: MovieDetails;
  field: FieldDefinition;
  /** Why it is missing, where it is. */
  why: string | undefined;
}

const WIDTHS = { poster: 'h-20 w-14', fanart: 'h-20 w-36', clearlogo: 'h-20 w-36' };

/** A field with its value, who said so, and when. */
export function FieldRow({ movie, field: { name, displayName }, why }: FieldRowProps) {
  const known = movie.fields[name];
  return (
    <div className="grid gap-x-4 gap-y-1 py-3 sm:grid-cols-[9.5rem_minmax(0,1fr)_auto]">
      <dt className="flex items-center gap-1.5 self-start text-muted">
        {displayName}
        {movie.locked.includes(name) && <LockMark />}
      </dt>
      {known ? (
        <>
          <dd className="min-w-0 wrap-anywhere">
            {name in WIDTHS ? (
              <Picture
                key={String(known.value)}
                src={pictureUrl(movie.id, name as keyof typeof WIDTHS, 342, known.fetchedAt)}
                alt={`${displayName} of ${movie.title}`}
                fit={name === 'clearlogo' ? 'contain' : 'cover'}
                className={WIDTHS[name as keyof typeof WIDTHS]}
              />
            ) : (
              <FieldContent name={name} value={known.value} />
            )}
          </dd>
          <dd className="text-xs leading-5 whitespace-nowrap text-muted sm:text-right">
            {sourceTitle(known.source)} · <Moment at={known.fetchedAt} />
          </dd>
        </>
      ) : (
        <dd className="text-muted sm:col-span-2">
          <span className="font-medium text-warn-ink">Missing</span>
          {why !== undefined && <span> · {why}</span>}
        </dd>
      )}
    </div>
  );
}

function LockMark() {
  return (
    <Tooltip text="Locked: enrichment never changes this field">
      <button type="button" aria-label="Locked" className="-m-2.5 cursor-default rounded-md p-2.5">
        <Lock aria-hidden className="size-3.5" />
      </button>
    </Tooltip>
  );
}
