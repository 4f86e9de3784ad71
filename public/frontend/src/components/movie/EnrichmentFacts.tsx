import { Moment } from '@/components/ui/moment';
import { Progress } from '@/components/ui/progress';
import type { MovieEnrichmentStatus } from '@/types/enrichment';
import { duration, percent } from '@/utils/format';

/** How complete the film is, and when it was last enriched. */
export function EnrichmentFacts({ status }: { status: MovieEnrichmentStatus }) {
  const { completeness, lastEnriched, enrichmentDuration } = status;
  return (
    <div>
      <p className="mb-2 text-lg font-semibold tabular-nums">Completeness: {percent(completeness)}</p>
      <Progress value={completeness} label="Completeness" />
      <div className="mt-3 space-y-0.5 text-muted">
        {lastEnriched === null ? (
          <p>Never enriched</p>
        ) : (
          <p>
            Last enriched: <Moment at={lastEnriched} />
          </p>
        )}
        {lastEnriched !== null && enrichmentDuration !== null && (
          <p>Duration: {enrichmentDuration > 0 ? duration(enrichmentDuration) : 'less than 0.1 seconds'}</p>
        )}
      </div>
    </div>
  );
}
