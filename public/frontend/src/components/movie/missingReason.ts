import type { MissingField, MovieEnrichmentStatus } from '@/types/enrichment';
import { PROVIDERS, providerTitle } from '@/types/fields';
import { list } from '@/utils/format';

type Known = Pick<MovieEnrichmentStatus, 'identification' | 'providers'>;

/** Why a field has no value, in plain words; or why `several` fields have none, for the same reason. */
export function missingReason({ reason, providers }: MissingField, status: Known, several = false): string {
  const titles = list(providers.map(providerTitle));
  switch (reason) {
    case 'not_fetched':
      return 'not fetched yet';
    case 'not_provided':
      return status.identification === 'identified'
        ? `${titles} ${providers.length > 1 ? 'have' : 'has'} no value for ${several ? 'them' : 'it'}`
        : 'it is not known which movie this is';
    case 'rate_limited':
      return 'rate limited, will be fetched when the limit resets';
    case 'provider_error':
      return 'the provider failed, will be tried again';
    case 'provider_off':
      return `no key, set ${list(settingsOf(providers, status))}`;
  }
}

/** The settings that hold the keys of those of these providers that are off. */
function settingsOf(providers: MissingField['providers'], status: Known): string[] {
  const off = status.providers.filter(({ outcome }) => outcome === 'off').map(({ name }) => name);
  const asked = providers.filter((name) => off.includes(name));
  return PROVIDERS.filter(({ name }) => (asked.length ? asked : providers).includes(name)).map(
    ({ keySetting }) => keySetting,
  );
}
