/** Frames of `/ws`: what the AsyncAPI document says of them. */
import type { ProviderName } from './api';
import type { BulkEnrichmentStatus, CurrentRun, LastRun, MovieEnrichmentStatus } from './enrichment';

export interface EnrichmentProgress {
  type: 'enrichment:progress';
  movieId: number;
  jobId: number;
  /** Percent. */
  progress: number;
  currentProvider: ProviderName | null;
  providersComplete: ProviderName[];
  providersRemaining: ProviderName[];
}

export interface EnrichmentComplete {
  type: 'enrichment:complete';
  movieId: number;
  jobId: number;
  seq: number;
  completeness: number;
  partial: boolean;
  rateLimitedProviders: ProviderName[];
  /** Every answer was still fresh and nobody was asked: when the oldest was fetched. */
  freshSince: string | null;
}

export interface EnrichmentFailed {
  type: 'enrichment:failed';
  movieId: number;
  jobId: number;
  seq: number;
  error: string;
  code: string;
}

export interface BulkProgress extends Pick<
  CurrentRun,
  | 'jobId'
  | 'seq'
  | 'progress'
  | 'processedMovies'
  | 'totalMovies'
  | 'currentMovie'
  | 'rateLimitedProviders'
  | 'stats'
  | 'waiting'
  | 'waitingUntil'
> {
  type: 'bulk:progress';
}

export interface BulkRateLimit {
  type: 'bulk:rate_limit';
  jobId: number;
  seq: number;
  provider: ProviderName;
  processedMovies: number;
  totalMovies: number;
  message: string;
  until: string | null;
}

export interface BulkComplete {
  type: 'bulk:complete';
  jobId: number;
  seq: number;
  status: LastRun['status'];
  stats: LastRun['stats'];
  rateLimitHit: boolean;
  rateLimitedProviders: ProviderName[];
  error: string | null;
}

export interface Subscribed {
  type: 'subscribed';
  channel: Channel;
  movieId: number | null;
  status: MovieEnrichmentStatus | BulkEnrichmentStatus | null;
}

export interface ErrorFrame {
  type: 'error';
  error: string;
  code: string;
  movieId: number | null;
}

export type Channel = 'movie:enrichment' | 'bulk:enrichment';

/** What a socket subscribes to; `movie:enrichment` without a film means all films. */
export interface Topic {
  channel: Channel;
  movieId?: number;
}

export type ServerFrame =
  | EnrichmentProgress
  | EnrichmentComplete
  | EnrichmentFailed
  | BulkProgress
  | BulkRateLimit
  | BulkComplete
  | Subscribed
  | ErrorFrame
  | { type: 'unsubscribed' }
  | { type: 'pong' };
