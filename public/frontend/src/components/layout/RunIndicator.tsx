import { LoaderCircle } from 'lucide-react';
import { Link } from 'react-router';

import { useBulkStatus } from '@/hooks/useEnrichment';
import { percent } from '@/utils/format';

/** On every page: a run over the whole library goes on, and how far it is. */
export function RunIndicator() {
  const run = useBulkStatus().data?.currentRun;
  if (!run) return null;
  return (
    <Link
      to="/settings/general"
      className="flex items-center gap-2 rounded-full bg-brand-soft px-3 py-1 text-xs font-medium text-brand-ink tabular-nums"
    >
      <LoaderCircle aria-hidden className="size-3.5 animate-spin" />
      <span className="sr-only">Enriching library: </span>
      {percent(run.progress)}
    </Link>
  );
}
