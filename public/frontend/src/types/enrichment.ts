/** How complete films are, and what makes them so; names for shapes of the OpenAPI document. */
import type { components } from './openapi';

type Schemas = components['schemas'];

export type EnrichmentStats = Schemas['LibraryStats'];
export type IncompleteMovie = Schemas['IncompleteMovie'];
export type MovieEnrichmentStatus = Schemas['MovieStatus'];
export type LastJob = Schemas['LastJob'];
export type MissingField = Schemas['MissingFieldView'];
export type ProviderOutcome = Schemas['ProviderView'];
export type BulkEnrichmentStatus = Schemas['BulkStatus'];
export type CurrentRun = Schemas['CurrentRun'];
export type LastRun = Schemas['LastRun'];
export type RunProvider = Schemas['RunProvider'];
export type TriggerEnrichment = Schemas['JobQueued'];
