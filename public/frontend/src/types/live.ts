/** Names for the frames of `/ws`; shapes of the OpenAPI document, as those of the HTTP API are. */
import type { components } from './openapi';

type Schemas = components['schemas'];

/** What the server sends; `type` tells one from another. */
export type ServerFrame = Schemas['ServerFrame'];
export type EnrichmentProgress = Schemas['EnrichmentProgress'];
export type EnrichmentComplete = Schemas['EnrichmentComplete'];
export type EnrichmentFailed = Schemas['EnrichmentFailedNote'];
export type BulkProgress = Schemas['BulkProgress'];
export type Subscribed = Schemas['Subscribed'];

type Subscribe = Schemas['Subscribe'];

export type Channel = Subscribe['channel'];

/** What a socket subscribes to; `movie:enrichment` without a film means all films. */
export type Topic = Pick<Subscribe, 'channel'> & Partial<Pick<Subscribe, 'movieId'>>;
