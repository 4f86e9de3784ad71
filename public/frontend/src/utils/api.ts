/** The HTTP API. Components use it through the hooks in `src/hooks` alone. */
import type {
  About,
  ActivityPage,
  AddedMovie,
  AddRequest,
  CandidatesFound,
  ChangeRules,
  IdentifyRequest,
  ImportQueued,
  ImportResult,
  Job,
  JobQueued,
  MovieDetails,
  MovieListParameters,
  MoviePage,
  MovieWritten,
  ProviderName,
  ProviderStates,
  Resumed,
  Rules,
  Session,
} from '@/types/api';
import type {
  BulkEnrichmentStatus,
  EnrichmentStats,
  MovieEnrichmentStatus,
  TriggerEnrichment,
} from '@/types/enrichment';

import { sessionEra, signedIn, signedOut, wasAnswered, wasRefused } from './session';
import { tellOtherTabs } from './tabs';

/** A request that was refused, or that got no answer (`status` 0). */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    message: string,
    readonly status: number,
    readonly code: string,
    /** The field of the request that is wrong. */
    readonly field?: string,
    /** The film of the library that is in the way. */
    readonly movieId?: number,
    /** The job that is in the way. */
    readonly jobId?: number,
    /** Seconds after which it may be tried again. */
    readonly retryAfter?: number,
  ) {
    super(message);
  }
}

interface Failure {
  error?: string;
  code?: string;
  field?: string;
  movieId?: number;
  jobId?: number;
}

type Parameters = Record<string, string | number | null | undefined>;

const NO_ANSWER = 'Metarr does not answer. Is it running?';

/** Sequence of the last event that this browser is known to have caused: what is read afterwards must show it. */
let written = 0;

/** What is read from now on must show this event. */
export function showFrom(seq: number): void {
  written = Math.max(written, seq);
}

async function fetchApi<T>(path: string, init?: RequestInit): Promise<T> {
  const began = sessionEra();
  let data: T;
  try {
    data = await request<T>(path, init);
  } catch (error) {
    const isSignedOut = error instanceof ApiError && error.code === 'not_signed_in';
    if (isSignedOut && began === sessionEra()) wasRefused();
    throw error;
  }
  wasAnswered();
  const seq = (data as { seq?: unknown }).seq;
  if (init?.method !== undefined) {
    if (typeof seq === 'number') showFrom(seq);
    tellOtherTabs(written);
  }
  return data;
}

async function request<T>(path: string, init?: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await fetch(`/api${path}`, init);
  } catch (cause) {
    if (init?.signal?.aborted) throw cause;
    throw new ApiError(NO_ANSWER, 0, 'no_answer');
  }
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok || body === null) throw refusal(response, body ?? {});
  return (body as { data: T }).data;
}

function refusal(response: Response, failure: Failure): ApiError {
  const retryAfter = Number(response.headers.get('Retry-After') ?? Number.NaN);
  return new ApiError(
    failure.error ?? NO_ANSWER,
    response.status,
    failure.code ?? 'no_answer',
    failure.field,
    failure.movieId,
    failure.jobId,
    Number.isNaN(retryAfter) ? undefined : retryAfter,
  );
}

/** Reads a read model, waiting (2 s at most) until it shows what this tab has written. */
function read<T>(path: string, parameters: Parameters = {}, signal?: AbortSignal): Promise<T> {
  return fetchApi<T>(path + queryString({ ...parameters, after: written || null }), signal ? { signal } : {});
}

function send<T>(method: string, path: string, body?: object): Promise<T> {
  return fetchApi<T>(path, toSend(method, body));
}

function toSend(method: string, body?: object): RequestInit {
  if (!body) return { method };
  return { method, body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } };
}

function queryString(parameters: Parameters): string {
  const given = Object.entries(parameters).filter(
    ([, value]) => value !== undefined && value !== null && value !== '',
  );
  return given.length
    ? `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()}`
    : '';
}

export const enrichmentApi = {
  getStats: (signal?: AbortSignal) => read<EnrichmentStats>('/movies/enrichment/stats', {}, signal),
  getMovieStatus: (movieId: number, signal?: AbortSignal) =>
    read<MovieEnrichmentStatus>(`/movies/${movieId}/enrichment-status`, {}, signal),
  triggerEnrich: (movieId: number, force = false) =>
    send<TriggerEnrichment>('POST', `/movies/${movieId}/enrich`, { force }),
  getBulkStatus: (signal?: AbortSignal) => read<BulkEnrichmentStatus>('/enrichment/bulk-status', {}, signal),
  triggerBulkRun: (force = false) => send<JobQueued>('POST', '/enrichment/bulk-run', { force }),
};

export const jobApi = {
  get: (jobId: number, rowOffset = 0, signal?: AbortSignal) =>
    read<Job>(`/jobs/${jobId}`, { rowOffset: rowOffset || null }, signal),
  cancel: (jobId: number) => send<{ jobId: number }>('POST', `/jobs/${jobId}/cancel`),
};

export const movieApi = {
  list: (parameters: MovieListParameters, signal?: AbortSignal) =>
    read<MoviePage>('/movies', { ...parameters }, signal),
  get: (movieId: number, signal?: AbortSignal) => read<MovieDetails>(`/movies/${movieId}`, {}, signal),
  add: (movie: AddRequest) => send<AddedMovie>('POST', '/movies', movie),
  /** A short list is answered with its rows, a long one with the job that works on it. */
  importFile: (file: File) =>
    fetchApi<ImportResult | ImportQueued>('/movies/import', {
      method: 'POST',
      body: ((form) => (form.append('file', file), form))(new FormData()),
    }),
  identify: (movieId: number, ids: IdentifyRequest) =>
    send<MovieWritten>('POST', `/movies/${movieId}/identify`, ids),
  remove: (movieId: number) => send<MovieWritten>('DELETE', `/movies/${movieId}`),
  candidates: (title: string, year: number | null, signal?: AbortSignal) =>
    fetchApi<CandidatesFound>(`/candidates${queryString({ title, year })}`, signal ? { signal } : {}),
};

export const providerApi = {
  getStates: (signal?: AbortSignal) => read<ProviderStates>('/providers/status', {}, signal),
  resume: (name: ProviderName) => send<Resumed>('POST', `/providers/${name}/resume`),
};

export const rulesApi = {
  get: (signal?: AbortSignal) => fetchApi<Rules>('/rules', signal ? { signal } : {}),
  change: (rules: ChangeRules) => send<Rules>('PATCH', '/rules', rules),
};

export const activityApi = {
  getHistory: (cursor: string | null, signal?: AbortSignal) =>
    read<ActivityPage>('/activity/history', { type: 'bulk_enrichment', cursor }, signal),
};

export const aboutApi = {
  get: (signal?: AbortSignal) => fetchApi<About>('/about', signal ? { signal } : {}),
};

/** Takes longer than this to say: then it is not known. In milliseconds. */
const SESSION_MS = 8_000;

/** Whatever the gateway answers here holds at once for this tab and the others. */
export const sessionApi = {
  get: (signal?: AbortSignal) => {
    const late = AbortSignal.timeout(SESSION_MS);
    return session({ signal: signal ? AbortSignal.any([signal, late]) : late });
  },
  signIn: (apiKey: string) => session(toSend('POST', { apiKey })),
  signOut: () => session({ method: 'DELETE' }),
};

async function session(init: RequestInit): Promise<Session> {
  const began = sessionEra();
  const answer = await request<Session>('/session', init);
  if (began !== sessionEra()) return answer;
  if (answer.required && !answer.signedIn) signedOut();
  else signedIn();
  return answer;
}

type PictureKind = 'poster' | 'fanart' | 'clearlogo';

/**
 * Address of a film's picture; `width` in pixels, at least. `state` changes with the picture: an address that the
 * document has shown once is not asked for again, however old the picture is.
 */
export const pictureUrl = (movieId: number, kind: PictureKind, width: number, state: string | null) =>
  `/api/movies/${movieId}/images/${kind}${queryString({ w: width, v: state })}`;

/** Address of a candidate's poster through our own server, from its address at TMDB. */
export function candidatePosterUrl(poster: string, width: number): string {
  const file = poster.slice(poster.lastIndexOf('/') + 1);
  return `/api/pictures/tmdb/${encodeURIComponent(file)}${queryString({ w: width })}`;
}
