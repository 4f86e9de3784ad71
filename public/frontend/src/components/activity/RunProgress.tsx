import { Hourglass, TriangleAlert } from 'lucide-react';
import { Link } from 'react-router';

import { Progress } from '@/components/ui/progress';
import type { CurrentRun } from '@/types/enrichment';
import { count, duration, percent, titleWithYear } from '@/utils/format';

import { limits, pause } from './activityWords';

/** How far a run is that goes on. */
export function RunProgress({ run }: { run: CurrentRun }) {
  const held = pause(run);
  const limited = limits(run.rateLimitedProviders);
  const { id, title, year } = run.currentMovie;
  const movie = titleWithYear(title, year);
  return (
    <div className="space-y-2">
      <div className="flex items-center gap-3">
        <Progress value={run.progress} label="Enriching library" tone="brand" />
        <span aria-hidden className="font-medium tabular-nums">
          {percent(run.progress)}
        </span>
      </div>
      <div className="flex flex-wrap justify-between gap-x-4 gap-y-1 text-xs text-muted tabular-nums">
        <p>
          {count(run.processedMovies)} / {count(run.totalMovies)} movies
        </p>
        {run.estimatedRemaining !== null && <p>Estimated remaining: {duration(run.estimatedRemaining)}</p>}
      </div>
      {held === null ? (
        <p className="truncate text-xs text-muted" title={movie}>
          Current:{' '}
          <Link to={`/media/movies/${id}/edit`} className="text-ink underline underline-offset-2">
            {movie}
          </Link>
        </p>
      ) : (
        <p className="flex gap-1.5 text-xs text-muted">
          <Hourglass aria-hidden className="mt-px size-3.5 shrink-0" />
          {held}
        </p>
      )}
      {limited && (
        <p className="flex gap-1.5 text-xs text-warn-ink">
          <TriangleAlert aria-hidden className="mt-px size-3.5 shrink-0" />
          {limited}
        </p>
      )}
    </div>
  );
}
