/** How an import is told of in a sentence. Pure. */
import type { Job } from '@/types/api';
import { count } from '@/utils/format';

export function importProgress({ report }: Job): string | null {
  return report && `${count(report.processed)} of ${count(report.total)} rows`;
}

const MOST_NAMES = 12;

/** "Not read: Shelf, Seen on"; nothing where every column was read. */
export function notRead(columns: string[]): string | null {
  if (!columns.length) return null;
  const more = columns.length - MOST_NAMES;
  return `Not read: ${columns.slice(0, MOST_NAMES).join(', ')}${more > 0 ? ` and ${count(more)} more` : ''}`;
}

export function importEnd({ state, error, report }: Job): string {
  if (state === 'failed') return `The import failed${error ? `: ${error}` : ''}`;
  if (state === 'cancelled') return 'The import was cancelled';
  const told = (['added', 'unchanged', 'conflict', 'rejected'] as const).flatMap((result) => {
    const rows = report?.counts[result] ?? 0;
    return rows ? `${count(rows)} ${result}` : [];
  });
  return told.length ? `Import finished: ${told.join(', ')}` : 'Import finished';
}
