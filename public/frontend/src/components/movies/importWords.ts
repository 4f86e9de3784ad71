/** How an import is told of in a sentence. Pure. */
import type { Job } from '@/types/api';
import { count } from '@/utils/format';

export function importProgress({ report }: Job): string | null {
  return report && `${count(report.processed)} of ${count(report.total)} rows`;
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
