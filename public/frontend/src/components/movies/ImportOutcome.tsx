import { useState } from 'react';

import type { ImportResult } from '@/types/api';

import { ImportReport } from './ImportReport';

const STEP = 100;

/** What a short import did. */
export function ImportOutcome({ result }: { result: ImportResult }) {
  const [shown, setShown] = useState(STEP);
  const telling = result.rows.filter(
    (row) => Boolean(row.note) || !['added', 'unchanged'].includes(row.result),
  );
  return (
    <ImportReport
      counts={result}
      rows={telling.slice(0, shown)}
      ignoredColumns={result.ignoredColumns}
      {...(telling.length > shown && { onMore: () => setShown(shown + STEP) })}
    />
  );
}
