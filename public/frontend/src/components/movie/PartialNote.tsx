import { Callout } from '@/components/ui/callout';
import type { MovieEnrichmentStatus, ProviderOutcome } from '@/types/enrichment';
import { providerTitle } from '@/types/fields';

const FAILED: ProviderOutcome['outcome'][] = ['unauthorized', 'unavailable', 'unexpected'];
const TITLE = 'Partial enrichment - some providers failed';

/** Says that the last refresh had to do without some providers, and which. */
export function PartialNote({ status, title = TITLE }: { status: MovieEnrichmentStatus; title?: string }) {
  const failed = status.providers.filter(({ outcome }) => FAILED.includes(outcome)).map(({ name }) => name);
  return (
    <Callout tone="warn">
      <p className="font-medium">{title}</p>
      {status.rateLimitedProviders.length > 0 && (
        <p>Rate-limited providers: {titles(status.rateLimitedProviders)}</p>
      )}
      {failed.length > 0 && <p>Failed providers: {titles(failed)}</p>}
    </Callout>
  );
}

const titles = (names: string[]) => names.map(providerTitle).join(', ');
