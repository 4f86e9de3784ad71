import { Button } from '@/components/ui/button';
import type { ImportedRow, ImportResult } from '@/types/api';
import { cn } from '@/utils/cn';
import { count } from '@/utils/format';

import { ImportRow } from './ImportRow';
import { notRead } from './importWords';
import { RunHint } from './RunHint';

type Counts = Pick<ImportResult, 'added' | 'unchanged' | 'conflict' | 'rejected'>;

const COUNTED: { result: keyof Counts; label: string; look: string }[] = [
  { result: 'added', label: 'Added', look: 'text-good-ink' },
  { result: 'unchanged', label: 'Unchanged', look: 'text-muted' },
  { result: 'conflict', label: 'Conflict', look: 'text-warn-ink' },
  { result: 'rejected', label: 'Rejected', look: 'text-bad-ink' },
];

interface ImportReportProps {
  counts: Counts;
  /** Those that are not simply added or there already. */
  rows: ImportedRow[];
  ignoredColumns: string[];
  /** There are more rows. */
  onMore?: () => void;
  loading?: boolean;
}

/** What became of the rows of a file. */
export function ImportReport({ counts, rows, ignoredColumns, onMore, loading = false }: ImportReportProps) {
  const ignored = notRead(ignoredColumns);
  return (
    <div className="space-y-4">
      <div role="status">
        <dl className="grid grid-cols-2 gap-2 sm:grid-cols-4">
          {COUNTED.map(({ result, label, look }) => (
            <div key={result} className="rounded-xl bg-sunken px-4 py-3">
              <dt className="text-xs text-muted">{label}</dt>
              <dd className={cn('text-xl font-semibold tabular-nums', counts[result] ? look : 'text-muted')}>
                {count(counts[result])}
              </dd>
            </div>
          ))}
        </dl>
        {counts.added > 0 && <RunHint />}
        {ignored && <p className="mt-3 text-xs wrap-anywhere text-muted">{ignored}</p>}
      </div>
      {rows.length > 0 && (
        <table className="w-full border-separate border-spacing-0 text-left">
          <caption className="sr-only">Rows that are not simply added</caption>
          <thead className="sr-only">
            <tr>
              <th scope="col">Place in the file</th>
              <th scope="col">Movie, reason and result</th>
            </tr>
          </thead>
          <tbody className="[&_td:last-child]:w-full">
            {rows.map((row) => (
              <ImportRow key={row.row} row={row} />
            ))}
          </tbody>
        </table>
      )}
      {rows.length > 0 && (
        <p className="text-xs text-muted">Rows are counted from 1, without the header line.</p>
      )}
      {onMore && (
        <div className="flex justify-center">
          <Button busy={loading} onClick={onMore}>
            Show more rows
          </Button>
        </div>
      )}
    </div>
  );
}
