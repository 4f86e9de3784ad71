import { Moment } from '@/components/ui/moment';
import { useNow } from '@/hooks/useNow';
import type { BulkEnrichmentStatus } from '@/types/enrichment';
import { count, dateTime } from '@/utils/format';
import { scheduleInWords } from '@/utils/schedule';

import { Fact, Facts } from './Facts';
import { LastRunReport } from './LastRunReport';

/** No run goes on: when the next one is due, and how the last one ended. */
export function IdleRun({ status: { schedule, nextRun, lastRun } }: { status: BulkEnrichmentStatus }) {
  const now = useNow();
  const due = nextRun !== null && Date.parse(nextRun.scheduledAt) <= now;
  return (
    <div className="space-y-5">
      <Facts>
        <Fact
          label="Scheduled Run"
          note={
            schedule ? undefined : (
              <>
                To turn it on, set <code>METARR_SCHEDULE</code> (for example{' '}
                <code className="whitespace-nowrap">0 3 * * *</code>: daily at three) and restart Metarr.
              </>
            )
          }
        >
          {schedule ? scheduleInWords(schedule) : 'Schedule is off'}
        </Fact>
        {nextRun && (
          <Fact
            label="Next run"
            note={
              lastRun?.resumeFrom &&
              lastRun.remaining > 0 && (
                <span title={lastRun.resumeFrom.title}>
                  (Will continue from movie #{count(lastRun.resumeFrom.position)})
                </span>
              )
            }
          >
            {due ? (
              <span title={dateTime(nextRun.scheduledAt)}>due now</span>
            ) : (
              <Moment at={nextRun.scheduledAt} />
            )}
          </Fact>
        )}
      </Facts>
      <hr className="border-line" />
      {lastRun ? (
        <LastRunReport run={lastRun} nextRun={nextRun} />
      ) : (
        <p className="text-muted">
          No run yet. A run asks the providers about every movie whose data is missing or old.
        </p>
      )}
    </div>
  );
}
