import { CalendarClock } from 'lucide-react';

import { Moment } from '@/components/ui/moment';
import type { BulkEnrichmentStatus } from '@/types/enrichment';
import { dateTime } from '@/utils/format';

export function NextRun({ nextRun }: Pick<BulkEnrichmentStatus, 'nextRun'>) {
  return (
    <p className="flex items-center gap-2 border-t border-line pt-4 text-muted">
      <CalendarClock aria-hidden className="size-4 shrink-0" />
      {nextRun ? (
        <span>
          Next run: <Moment at={nextRun.scheduledAt} /> ({dateTime(nextRun.scheduledAt)})
        </span>
      ) : (
        'No run is scheduled'
      )}
    </p>
  );
}
