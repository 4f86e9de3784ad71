/** The fields of a film, the providers and the bands: `fields.json` is written from the contracts by `make export`. */
import type { ProviderName } from './api';
import definitions from './fields.json';

type Category = 'metadata' | 'ratings' | 'credits' | 'production' | 'media';

export interface FieldDefinition {
  name: string;
  displayName: string;
  category: Category;
  providers: ProviderName[];
  /** Whether completeness counts it. */
  tracked: boolean;
}

export interface ProviderDefinition {
  name: ProviderName;
  title: string;
  /** The environment variable that holds its key. */
  keySetting: string;
}

export type Band = 'enriched' | 'partial' | 'unenriched';

export const FIELDS = definitions.fields as FieldDefinition[];
export const PROVIDERS = definitions.providers as ProviderDefinition[];

/** The groups of fields in the order in which they are shown, and what each is called before a person. */
export const CATEGORIES: Record<Category, string> = {
  metadata: 'Metadata',
  ratings: 'Ratings',
  credits: 'Credits',
  production: 'Production',
  media: 'Media',
};

const fieldNames = new Map(FIELDS.map((field) => [field.name, field.displayName]));
const providerTitles = new Map<string, string>(PROVIDERS.map((provider) => [provider.name, provider.title]));

/** What a field is called before a person. */
export const fieldTitle = (name: string) => fieldNames.get(name) ?? name;

/** What a provider is called before a person. */
export const providerTitle = (name: string) => providerTitles.get(name) ?? name;

/** Who said a value: a provider, or the person who uses Metarr. */
export const sourceTitle = (source: string) => (source === 'user' ? 'You' : providerTitle(source));

/** Percent of completeness from which a film counts as enriched, and as partially enriched. */
export const BANDS = definitions.bands;

/** Which of the three groups a completeness in percent belongs to. */
export function band(completeness: number): Band {
  if (completeness >= BANDS.enrichedFrom) return 'enriched';
  return completeness >= BANDS.partialFrom ? 'partial' : 'unenriched';
}
