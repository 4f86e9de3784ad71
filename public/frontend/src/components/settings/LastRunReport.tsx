import { ActivityStatus } from '@/components/activity/ActivityStatus';
import { fresh } from '@/components/activity/activityWords';
import { Callout } from '@/components/ui/callout';
import { providerTitle } from '@/types/fields';
import type { BulkEnrichmentStatus, LastRun } from '@/types/enrichment';
import { count, dateTime, duration } from '@/utils/format';

import { Fact, Facts } from './Facts';
import { RunDetails } from './RunDetails';
import { retryInWords } from './retryInWords';

interface LastRunReportProps {
  run: LastRun;
  nextRun: BulkEnrichmentStatus['nextRun'];
}

export function LastRunReport({ run, nextRun }: LastRunReportProps) {
  const { totalMovies, processed, failed } = run.stats;
  const seconds = (Date.parse(run.completedAt) - Date.parse(run.startedAt)) / 1000;
  return (
    <div className="space-y-5">
      <Facts>
        <Fact label="Last Run">{dateTime(run.startedAt)}</Fact>
        <Fact label="Status">
          <ActivityStatus status={run.status} rateLimitHit={run.rateLimitHit} />
        </Fact>
      </Facts>
      <Warning run={run} />
      <Facts>
        <Fact label="Processed">
          {count(processed)} / {count(totalMovies)} movies
        </Fact>
        <Fact label="Skipped">{fresh(run)}</Fact>
        <Fact label="Failed" note={failed > 0 ? 'They are tried again by the next run' : undefined}>
          {count(failed)}
        </Fact>
        {run.remaining > 0 && (
          <Fact label="Remaining">
            {count(run.remaining)} ({retryInWords(nextRun)})
          </Fact>
        )}
        <Fact label="Duration">{duration(seconds)}</Fact>
      </Facts>
      {run.providers.length > 0 && <RunDetails providers={run.providers} />}
    </div>
  );
}

/** What went wrong with the run as a whole. */
function Warning({ run }: { run: LastRun }) {
  const limited = run.rateLimitedProviders.map(providerTitle).join(', ');
  return (
    <>
      {run.rateLimitHit && run.status === 'partial' && (
        <Callout tone="warn">
          {limited} rate limit reached - {run.remaining > 0 ? 'stopped early' : `went on without it`}
        </Callout>
      )}
      {run.error && <Callout tone={run.status === 'failed' ? 'bad' : 'warn'}>{run.error}</Callout>}
    </>
  );
}
