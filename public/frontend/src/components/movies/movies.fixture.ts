import { http, HttpResponse } from 'msw';
import { beforeEach, vi } from 'vitest';

import { server } from '@/test/server';
import type { MoviePage, MovieSummary } from '@/types/api';
import { PAGE_SIZE } from '@/utils/paging';

export const movie = (id: number, more: Partial<MovieSummary> = {}): MovieSummary => ({
  id,
  title: `Movie ${id}`,
  year: 1999,
  imdbId: null,
  tmdbId: null,
  completeness: 92,
  band: 'enriched',
  partial: false,
  rateLimitedProviders: [],
  missingFields: [],
  identification: 'identified',
  hasPoster: false,
  lastEnriched: null,
  addedAt: '2025-11-01T03:00:00Z',
  ...more,
});

/** A page of a library of `total` films, whose cursor is the number of films before it. */
export const moviePage = (begin: number, total: number): MoviePage => {
  const end = Math.min(begin + PAGE_SIZE, total);
  return {
    movies: Array.from({ length: end - begin }, (_, offset) => movie(begin + offset + 1)),
    total,
    nextCursor: end < total ? String(end) : null,
  };
};

/** Plays the list; returns the queries as they come. */
export function playList(pageOf: (query: URLSearchParams) => MoviePage): URLSearchParams[] {
  const queries: URLSearchParams[] = [];
  server.use(
    http.get('/api/movies', ({ request }) => {
      const query = new URL(request.url).searchParams;
      queries.push(query);
      return HttpResponse.json({ success: true, data: pageOf(query) });
    }),
  );
  return queries;
}

export const begin = (query: URLSearchParams) => Number(query.get('cursor') ?? 0);

/** Plays a window of this width class in every test of the file that calls this. */
export function playWidth(width: 'table' | 'cards') {
  beforeEach(() => {
    vi.stubGlobal('matchMedia', () => ({
      matches: width === 'table',
      addEventListener: () => undefined,
      removeEventListener: () => undefined,
    }));
    vi.stubGlobal('scrollTo', () => undefined);
  });
}
