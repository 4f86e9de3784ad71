import type { RunProvider } from '@/types/enrichment';
import { providerTitle } from '@/types/fields';
import { count, dateTime } from '@/utils/format';

const COUNTS = ['requests', 'found', 'notFound', 'failed'] as const;
const HEADS = ['Requests', 'Found', 'Not found', 'Failed'];

/** What a run had of each provider. */
export function ProviderTable({ providers }: { providers: RunProvider[] }) {
  return (
    // Wider than a phone, so it is moved sideways there, with the keyboard too.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div role="group" aria-label="Providers of the run" tabIndex={0} className="overflow-x-auto rounded-lg">
      <table className="w-full min-w-120 text-right tabular-nums">
        <thead className="text-xs text-muted">
          <tr className="border-b border-line">
            <th scope="col" className="py-2 pr-3 text-left font-medium">
              Provider
            </th>
            {HEADS.map((head) => (
              <th key={head} scope="col" className="px-3 py-2 font-medium">
                {head}
              </th>
            ))}
            <th scope="col" className="py-2 pl-3 font-medium">
              Limited at
            </th>
          </tr>
        </thead>
        <tbody>
          {providers.map((provider) => (
            <tr key={provider.name} className="border-b border-line last:border-0">
              <th scope="row" className="py-2 pr-3 text-left font-medium">
                {providerTitle(provider.name)}
              </th>
              {COUNTS.map((name) => (
                <td key={name} className="px-3 py-2">
                  {count(provider[name])}
                </td>
              ))}
              <td className="py-2 pl-3 whitespace-nowrap">
                {provider.limitedAt ? dateTime(provider.limitedAt) : '–'}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
