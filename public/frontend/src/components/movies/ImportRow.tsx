import { memo } from 'react';
import { Link } from 'react-router';

import { Badge, type Tone } from '@/components/ui/badge';
import type { ImportedRow } from '@/types/api';
import { count } from '@/utils/format';

const RESULTS: Record<ImportedRow['result'], { label: string; tone: Tone }> = {
  added: { label: 'Added', tone: 'good' },
  unchanged: { label: 'Unchanged', tone: 'neutral' },
  conflict: { label: 'Conflict', tone: 'warn' },
  rejected: { label: 'Rejected', tone: 'bad' },
};

/** What became of one row of a file, and why. */
export const ImportRow = memo(function ImportRow({ row }: { row: ImportedRow }) {
  const { label, tone } = RESULTS[row.result];
  const title = row.title ?? 'No title';
  return (
    <tr className="align-top">
      <td className="border-b border-line py-2.5 pr-4 text-right text-muted tabular-nums">
        {count(row.row)}
      </td>
      <td className="border-b border-line py-2.5 [overflow-wrap:anywhere] break-words">
        {row.movieId ? (
          <Link
            to={`/media/movies/${row.movieId}/edit`}
            dir="auto"
            className="font-medium text-brand-ink underline underline-offset-2"
          >
            {title}
          </Link>
        ) : (
          <span dir="auto" className="font-medium">
            {title}
          </span>
        )}
        {row.reason && (
          <p className="mt-0.5 text-xs text-muted">
            {row.field && <span className="font-medium">{row.field}: </span>}
            {row.reason}
          </p>
        )}
        {row.note && <p className="mt-0.5 text-xs text-muted">{row.note}</p>}
      </td>
      <td className="border-b border-line py-2.5 pl-4">
        <Badge tone={tone}>{label}</Badge>
      </td>
    </tr>
  );
});
