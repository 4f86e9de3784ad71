/** Names for the shapes of the HTTP API. They come from the OpenAPI document: `make export` writes `openapi.ts` anew. */
import type { components, operations } from './openapi';

type Schemas = components['schemas'];

export type About = Schemas['About'];
export type Activity = Schemas['Activity'];
export type ActivityPage = Schemas['ActivityPage'];
export type AddedMovie = Schemas['AddedMovie'];
export type AddRequest = Schemas['AddRequest'];
export type Candidate = Schemas['Candidate'];
export type CandidatesFound = Schemas['Found'];
export type FailedMovie = Schemas['FailedMovie'];
export type IdentifyRequest = Schemas['IdentifyRequest'];
export type ImportedRow = Schemas['ImportedRow'];
export type ImportQueued = Schemas['ImportQueued'];
export type ImportResult = Schemas['ImportResult'];
export type Job = Schemas['Job'];
export type JobQueued = Schemas['JobQueued'];
export type MovieDetails = Schemas['MovieDetails'];
export type MoviePage = Schemas['MoviePage'];
export type MovieSummary = Schemas['MovieSummary'];
export type MovieWritten = Schemas['MovieWritten'];
export type ProviderState = Schemas['ProviderState'];
export type ProviderStates = Schemas['ProviderStates'];
export type ProviderName = ProviderState['name'];
export type Resumed = Schemas['Resumed'];
export type Rules = Schemas['RulesReply'];
export type ChangeRules = Schemas['ChangeRules'];
export type Session = Schemas['Session'];

export type MovieListParameters = NonNullable<operations['list_movies']['parameters']['query']>;
export type MovieFilter = NonNullable<MovieListParameters['filter']>;
export type MovieSort = NonNullable<MovieListParameters['sort']>;
export type SortOrder = NonNullable<MovieListParameters['order']>;
