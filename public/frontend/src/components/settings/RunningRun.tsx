import { isStarting } from '@/components/activity/activityWords';
import { Announcement } from '@/components/ui/announcement';
import { Callout } from '@/components/ui/callout';
import { Moment } from '@/components/ui/moment';
import { Progress } from '@/components/ui/progress';
import { useNow } from '@/hooks/useNow';
import { providerTitle } from '@/types/fields';
import type { CurrentRun } from '@/types/enrichment';
import { count, duration, percent, titleWithYear } from '@/utils/format';

import { CancelRun } from './CancelRun';
import { Fact, Facts } from './Facts';

const HEADINGS: Record<CurrentRun['state'], string> = {
  queued: 'Waiting to begin ...',
  running: 'Enriching library...',
  cancelling: 'Cancelling: movies at work are finished ...',
};

/** `updatedAt`: when the run was last told of, in milliseconds. */
export function RunningRun({ run, updatedAt }: { run: CurrentRun; updatedAt: number }) {
  // The clock here may be another one than the server's: only the time since the last message is taken from it.
  const elapsed = run.elapsed + Math.max(0, useNow() - updatedAt) / 1000;
  const starting = isStarting(run);
  const { title, year } = run.currentMovie;
  return (
    <div className="space-y-5">
      <div>
        <div className="mb-2 flex items-baseline justify-between gap-4">
          <p className="font-medium">{starting ? 'Starting …' : HEADINGS[run.state]}</p>
          <p className="text-lg font-semibold tabular-nums">{percent(run.progress)}</p>
        </div>
        <Progress value={run.progress} label="Enriching library" tone="brand" />
        <Announcement text={spoken(run)} />
      </div>
      {run.waiting && (
        <Callout
          tone="info"
          more={
            run.waitingUntil && (
              <>
                {' '}
                (<Moment at={run.waitingUntil} />)
              </>
            )
          }
        >
          {run.waiting}
        </Callout>
      )}
      {run.rateLimitedProviders.length > 0 && (
        <Callout tone="warn">
          {run.rateLimitedProviders.map(providerTitle).join(', ')} rate limit reached
        </Callout>
      )}
      <Facts>
        <Fact label="Progress">
          {count(run.processedMovies)} / {count(run.totalMovies)} movies
        </Fact>
        <Fact label="Current">{starting ? '—' : titleWithYear(title, year) || '—'}</Fact>
        <Fact label="Elapsed">{duration(Math.floor(elapsed))}</Fact>
        <Fact label="Estimated remaining">
          {run.estimatedRemaining === null ? 'Not known yet' : duration(run.estimatedRemaining)}
        </Fact>
      </Facts>
      <CancelRun run={run} />
    </div>
  );
}

/** What is read out: the percentage that is shown. */
function spoken(run: CurrentRun): string {
  if (isStarting(run)) return 'Starting …';
  return run.state === 'running' ? `Enriching library: ${percent(run.progress)}` : HEADINGS[run.state];
}
