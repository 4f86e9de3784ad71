import { Check, TriangleAlert } from 'lucide-react';

import type { RunProvider } from '@/types/enrichment';
import { providerTitle } from '@/types/fields';
import { cn } from '@/utils/cn';
import { count, time } from '@/utils/format';

/** What a run had of each provider. */
export function RunProviders({ providers }: { providers: RunProvider[] }) {
  return (
    <ul
      role="list"
      aria-label="Providers of the run"
      className="divide-y divide-line rounded-xl border border-line"
    >
      {providers.map((provider) => (
        <Line key={provider.name} provider={provider} />
      ))}
    </ul>
  );
}

function Line({ provider }: { provider: RunProvider }) {
  const { name, requests, found, notFound, failed } = provider;
  const good = !provider.limitedAt && failed === 0;
  const Icon = good ? Check : TriangleAlert;
  const figures = [
    ['Requests', requests],
    ['Found', found],
    ['Not found', notFound],
    ['Movies without an answer', failed],
  ] as const;
  return (
    <li className="px-4 py-3">
      <p className="flex items-start gap-2">
        <Icon
          aria-hidden
          className={cn('mt-0.5 size-4 shrink-0', good ? 'text-good-ink' : 'text-warn-ink')}
        />
        <span>
          <span className="font-medium">{providerTitle(name)}:</span> {outcome(provider)}
        </span>
      </p>
      <dl className="mt-1.5 flex flex-wrap gap-x-5 gap-y-1 pl-6 text-xs text-muted tabular-nums">
        {figures.map(([label, value]) => (
          <div key={label} className="flex gap-1">
            <dt>{label}:</dt>
            <dd className="font-medium text-ink">{count(value)}</dd>
          </div>
        ))}
      </dl>
    </li>
  );
}

function outcome({ limitedAt, requests, failed }: RunProvider): string {
  if (limitedAt) return `Rate limit hit at ${time(limitedAt)}`;
  if (failed > 0) return `No answer for ${count(failed)} ${failed === 1 ? 'movie' : 'movies'}`;
  return requests > 0 ? 'All requests successful' : 'Nothing had to be asked';
}
