import { Link } from 'react-router';

import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { Moment } from '@/components/ui/moment';
import { useBulkStatus, useEnrichmentStats } from '@/hooks/useEnrichment';
import { dateTime } from '@/utils/format';

/** Before the first run of a library with movies: that, and when, their metadata will come. */
export function FirstRun() {
  const stats = useEnrichmentStats().data;
  const status = useBulkStatus().data;
  if (!stats || !status || status.lastRun || status.currentRun) return null;
  if (stats.total === 0 || stats.averageCompleteness > 0) return null;
  const { nextRun } = status;
  return (
    <Callout
      tone="info"
      more={
        nextRun ? (
          <>
            {' '}
            The first run begins <Moment at={nextRun.scheduledAt} /> ({dateTime(nextRun.scheduledAt)}).
          </>
        ) : (
          ' No run is scheduled.'
        )
      }
      actions={
        <Button asChild>
          <Link to="/settings/general">Run now</Link>
        </Button>
      }
    >
      <strong className="font-semibold">Nothing has been fetched yet.</strong>
    </Callout>
  );
}
