import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { Moment } from '@/components/ui/moment';
import type { Refresh } from '@/hooks/useRefresh';
import type { MovieJob } from '@/live/movieJob';
import type { MovieDetails } from '@/types/api';
import type { MovieEnrichmentStatus } from '@/types/enrichment';
import { percent } from '@/utils/format';

import { PartialNote } from './PartialNote';
import { RefreshRefused } from './RefreshRefused';
import { UnknownMovie } from './UnknownMovie';

interface RefreshOutcomeProps {
  movie: MovieDetails;
  status: MovieEnrichmentStatus;
  /** What this page saw of the film's refresh; it does not go on. */
  job: MovieJob | null;
  refresh: Refresh;
  onIdentify: () => void;
}

/** What came of the last refresh, where that is worth a word. */
export function RefreshOutcome({ movie, status, job, refresh, onIdentify }: RefreshOutcomeProps) {
  const { lastJob } = status;
  if (refresh.error) return <RefreshRefused error={refresh.error} refresh={refresh} />;
  const seen = job && job.jobId >= (lastJob?.jobId ?? 0) ? job : null;
  switch (seen?.state ?? lastJob?.state) {
    case 'completed':
      if (isKnownToNobody(status) && (seen || movie.identification === 'identified')) {
        return <UnknownMovie movie={movie} onIdentify={onIdentify} />;
      }
      return seen?.state === 'completed' ? <Completed status={status} job={seen} refresh={refresh} /> : null;
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

/** Whether every provider that was asked for the film does not know it. */
function isKnownToNobody({ providers }: MovieEnrichmentStatus): boolean {
  const asked = providers.filter(({ outcome }) => outcome !== 'off' && outcome !== 'not_asked');
  return asked.length > 0 && asked.every(({ outcome }) => outcome === 'not_found');
}

interface CompletedProps {
  status: MovieEnrichmentStatus;
  job: MovieJob & { state: 'completed' };
  refresh: Refresh;
}

function Completed({ status, job, refresh }: CompletedProps) {
  if (job.freshSince === null) {
    const title = `Metadata refreshed: now ${percent(status.completeness)} complete`;
    if (!status.partial) return <Callout tone="good">{title}</Callout>;
    return <PartialNote status={status} title={`${title}, some providers failed`} />;
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
