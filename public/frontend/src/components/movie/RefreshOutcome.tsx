import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { Moment } from '@/components/ui/moment';
import type { Refresh } from '@/hooks/useRefresh';
import type { MovieJob } from '@/live/movieJob';
import type { LastJob } from '@/types/enrichment';
import { percent } from '@/utils/format';

import { RefreshRefused } from './RefreshRefused';

interface RefreshOutcomeProps {
  /** What this page saw of the film's refresh; it does not go on. */
  job: MovieJob | null;
  lastJob: LastJob | null;
  refresh: Refresh;
}

/** What came of the last refresh, where that is worth a word. */
export function RefreshOutcome({ job, lastJob, refresh }: RefreshOutcomeProps) {
  if (refresh.error) return <RefreshRefused error={refresh.error} refresh={refresh} />;
  const seen = job && job.jobId >= (lastJob?.jobId ?? 0) ? job : null;
  switch (seen?.state ?? lastJob?.state) {
    case 'completed':
      return seen?.state === 'completed' ? <Completed job={seen} refresh={refresh} /> : null;
    case 'failed':
      return (
        <Callout
          tone="bad"
          actions={
            <Button size="sm" busy={refresh.busy} onClick={() => refresh.start()}>
              Retry
            </Button>
          }
        >
          <p className="font-medium">{seen?.state === 'failed' ? seen.error : lastJob?.error}</p>
          <p className="mt-0.5 text-xs">The last refresh failed; what was known before still stands.</p>
        </Callout>
      );
    case 'cancelled':
      return seen || !lastJob ? (
        <Callout tone="info">The refresh was cancelled. Nothing was changed.</Callout>
      ) : (
        <Callout
          tone="info"
          more={
            <>
              {' '}
              <Moment at={lastJob.completedAt} />.
            </>
          }
        >
          The last refresh was cancelled
        </Callout>
      );
    default:
      return null;
  }
}

function Completed({ job, refresh }: { job: MovieJob & { state: 'completed' }; refresh: Refresh }) {
  if (job.freshSince === null) {
    return (
      <Callout tone="good">
        Metadata refreshed{job.completeness === null ? '' : `: now ${percent(job.completeness)} complete`}
      </Callout>
    );
  }
  return (
    <Callout
      tone="info"
      more={
        <>
          : last fetched <Moment at={job.freshSince} />
        </>
      }
      actions={
        <Button
          size="sm"
          busy={refresh.busy}
          aria-disabled={refresh.wait > 0}
          onClick={() => refresh.start(true)}
        >
          Refresh anyway
        </Button>
      }
    >
      All metadata is fresh
    </Callout>
  );
}
