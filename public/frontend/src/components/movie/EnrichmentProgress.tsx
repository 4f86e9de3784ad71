import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { Progress } from '@/components/ui/progress';
import { useCancelEnrichment } from '@/hooks/useEnrichment';
import type { MovieJob } from '@/live/movieJob';
import { providerTitle } from '@/types/fields';
import { percent } from '@/utils/format';

/** A refresh that goes on. Announced is what it has come to, not every percent. */
export function EnrichmentProgress({ movieId, job }: { movieId: number; job: MovieJob }) {
  const cancel = useCancelEnrichment(movieId);
  const cancelling = cancel.variables === job.jobId && (cancel.isPending || cancel.isSuccess);
  const running = job.state === 'running' ? job : null;
  const value = running?.progress ?? 0;
  return (
    <div className="space-y-4">
      <div aria-live="polite">
        <p className="text-lg font-semibold">{running ? 'Enriching metadata...' : 'Queued'}</p>
        <p className="text-muted">
          {running
            ? running.currentProvider
              ? `Current provider: ${providerTitle(running.currentProvider)}`
              : '\u00a0'
            : 'It begins as soon as its turn comes.'}
        </p>
      </div>
      <div className="flex items-center gap-3">
        <Progress value={value} label="Enriching metadata" tone="brand" />
        <span aria-hidden className="w-10 text-right text-muted tabular-nums">
          {percent(value)}
        </span>
      </div>
      <div className="space-y-0.5 text-muted">
        <p>Providers completed: {titles(running?.providersComplete ?? [])}</p>
        <p>Providers remaining: {running ? titles(running.providersRemaining) : 'all'}</p>
      </div>
      {cancel.error && (
        <Callout tone="bad">
          <p className="font-medium">The refresh could not be cancelled</p>
          <p className="mt-0.5 text-xs">{cancel.error.message}</p>
        </Callout>
      )}
      <Button
        className="w-full sm:w-auto lg:w-full"
        busy={cancelling}
        onClick={() => cancel.mutate(job.jobId)}
      >
        {cancelling ? 'Cancelling …' : 'Cancel'}
      </Button>
    </div>
  );
}

const titles = (names: string[]) => (names.length ? names.map(providerTitle).join(', ') : 'none');
