import { TriangleAlert } from 'lucide-react';
import { memo } from 'react';
import { Link } from 'react-router';

import { Badge, type Tone } from '@/components/ui/badge';
import type { ImportedRow } from '@/types/api';
import { count } from '@/utils/format';

import { fieldLabel } from './addRequest';

const RESULTS: Record<ImportedRow['result'], { label: string; tone: Tone }> = {
  added: { label: 'Added', tone: 'good' },
  unchanged: { label: 'Unchanged', tone: 'neutral' },
  conflict: { label: 'Conflict', tone: 'warn' },
  rejected: { label: 'Rejected', tone: 'bad' },
};

const LINK = 'text-brand-ink underline underline-offset-2';

/** What became of one row of a file, and why. */
export const ImportRow = memo(function ImportRow({ row }: { row: ImportedRow }) {
  const { label, tone } = RESULTS[row.result];
  const title = row.title ?? 'No title';
  const address = row.movieId ? `/media/movies/${row.movieId}/edit` : null;
  // Of a conflict the film is another one than the row's.
  const inTheWay = row.result === 'conflict' ? address : null;
  return (
    <tr className="align-top">
      <td className="border-b border-line py-2.5 pr-4 whitespace-nowrap text-muted tabular-nums">
        Row {count(row.row)}
      </td>
      <td className="border-b border-line py-2.5">
        <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-1">
          <div className="min-w-0 flex-1 basis-40 wrap-anywhere">
            {address && !inTheWay ? (
              <Link to={address} dir="auto" className={`line-clamp-3 font-medium ${LINK}`}>
                {title}
              </Link>
            ) : (
              <span dir="auto" className="line-clamp-3 font-medium">
                {title}
              </span>
            )}
            {row.reason && (
              <p className="mt-0.5 text-xs text-muted">
                {row.field && row.field !== 'row' && !inTheWay && (
                  <span className="font-medium">{fieldLabel(row.field)}: </span>
                )}
                {row.reason}
              </p>
            )}
            {row.note && <p className="mt-0.5 text-xs text-muted">{row.note}</p>}
            {inTheWay && (
              <Link to={inTheWay} className={`inline-block py-1 text-xs font-medium ${LINK}`}>
                Show the movie in the library
              </Link>
            )}
          </div>
          {row.note ? (
            <Badge tone="warn">
              <TriangleAlert aria-hidden />
              {label}, read differently
            </Badge>
          ) : (
            <Badge tone={tone}>{label}</Badge>
          )}
        </div>
      </td>
    </tr>
  );
});
