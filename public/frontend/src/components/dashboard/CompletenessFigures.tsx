import { Check, CircleAlert, CircleDot } from 'lucide-react';
import { Link } from 'react-router';

import { Announcement } from '@/components/ui/announcement';
import { Progress } from '@/components/ui/progress';
import type { EnrichmentStats } from '@/types/enrichment';
import { count, percent } from '@/utils/format';

/** The average, and how many movies are in each of the three groups. */
export function CompletenessFigures({ stats }: { stats: EnrichmentStats }) {
  const { total, enriched, partiallyEnriched, unenriched, averageCompleteness } = stats;
  const groups = [
    {
      label: 'Enriched',
      value: count(enriched),
      rest: ` / ${count(total)} movies`,
      filter: 'enriched',
      Icon: Check,
      look: 'bg-good-soft text-good-ink',
    },
    {
      label: 'Partial',
      value: count(partiallyEnriched),
      filter: 'partial',
      Icon: CircleDot,
      look: 'bg-warn-soft text-warn-ink',
    },
    {
      label: 'Missing',
      value: count(unenriched),
      filter: 'unenriched',
      Icon: CircleAlert,
      look: 'bg-bad-soft text-bad-ink',
    },
  ];
  const average = `Average: ${percent(averageCompleteness)}`;
  return (
    <div className="space-y-5">
      <Announcement
        text={`Library completeness. ${average}. Enriched: ${count(enriched)} of ${count(total)} movies.`}
      />
      <div className="space-y-2.5">
        <p className="text-2xl font-semibold tracking-tight tabular-nums">{average}</p>
        <Progress value={averageCompleteness} label="Average completeness" />
      </div>
      <ul role="list" className="grid gap-2 sm:grid-cols-[1.6fr_1fr_1fr] sm:gap-3">
        {groups.map(({ label, value, rest, filter, Icon, look }) => (
          <li key={filter}>
            <Link
              to={`/media/movies?filter=${filter}`}
              className="flex h-full items-center gap-3 rounded-xl border border-line px-3.5 py-2.5 transition-colors hover:bg-sunken sm:py-3"
            >
              <span className={`grid size-8 shrink-0 place-items-center rounded-full ${look}`}>
                <Icon aria-hidden className="size-4" />
              </span>
              <span className="flex min-w-0 flex-1 flex-wrap items-baseline justify-between gap-x-2 sm:block">
                <span className="text-xs text-muted sm:block">{label}: </span>
                <span className="whitespace-nowrap tabular-nums">
                  <span className="text-base font-semibold">{value}</span>
                  <span className="text-muted">{rest}</span>
                </span>
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </div>
  );
}
