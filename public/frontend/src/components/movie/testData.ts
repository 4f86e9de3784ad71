/** A film as tests have it; each test says what is special about its own. */
import type { Candidate, MovieDetails } from '@/types/api';
import type { MissingField, MovieEnrichmentStatus, ProviderOutcome } from '@/types/enrichment';

const HOUR_MS = 3_600_000;

export const hoursAgo = (hours: number) => new Date(Date.now() - hours * HOUR_MS - 1_000).toISOString();

export const known = (value: unknown, source = 'tmdb') => ({
  value,
  source,
  fetchedAt: hoursAgo(3),
  language: null,
  askedWith: null,
});

export const aMovie = (special: Partial<MovieDetails> = {}): MovieDetails => ({
  id: 7,
  title: 'Parasite',
  year: 2019,
  imdbId: 'tt6751668',
  tmdbId: 496243,
  completeness: 85,
  band: 'partial',
  partial: false,
  rateLimitedProviders: [],
  missingFields: ['awards'],
  identification: 'identified',
  hasPoster: true,
  lastEnriched: hoursAgo(48),
  addedAt: hoursAgo(99),
  fields: { plot: known('Greed and class discrimination.') },
  locked: [],
  candidates: [],
  ...special,
});

export const aMissingField = (special: Partial<MissingField> = {}): MissingField => ({
  field: 'awards',
  displayName: 'Awards',
  category: 'metadata',
  reason: 'not_provided',
  providers: ['omdb'],
  ...special,
});

export const aProvider = (
  name: ProviderOutcome['name'],
  special: Partial<ProviderOutcome> = {},
): ProviderOutcome => ({
  name,
  outcome: 'found',
  fetchedAt: hoursAgo(3),
  limitedUntil: null,
  message: null,
  ...special,
});

export const aStatus = (special: Partial<MovieEnrichmentStatus> = {}): MovieEnrichmentStatus => ({
  movieId: 7,
  completeness: 85,
  lastEnriched: hoursAgo(48),
  enrichmentDuration: 2.3,
  partial: false,
  rateLimitedProviders: [],
  missingFields: [aMissingField()],
  fieldSources: {},
  providers: [aProvider('tmdb'), aProvider('omdb'), aProvider('fanart')],
  lastJob: null,
  identification: 'identified',
  ...special,
});

export const aCandidate = (special: Partial<Candidate> = {}): Candidate => ({
  tmdbId: 532639,
  title: 'Pinocchio',
  originalTitle: null,
  year: 2022,
  overview: 'A wooden puppet wants to become a real boy.',
  poster: 'https://image.tmdb.org/t/p/w342/puppet.jpg',
  movieId: null,
  ...special,
});
