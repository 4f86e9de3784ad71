import { http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, test, vi } from 'vitest';

import { answer, refuse, server } from '@/test/server';

import type * as Api from './api';

let api: typeof Api;

// What a tab has written is kept as long as the tab: each test is a new one.
beforeEach(async () => {
  vi.resetModules();
  api = await import('./api');
});

const addressOf = (request: Request | undefined) => {
  const { pathname, search } = new URL(request?.url ?? '');
  return pathname + search;
};

describe('a refusal', () => {
  test('says all that the answer says of it', async () => {
    const more = { field: 'imdbId', movieId: 7, jobId: 901 };
    refuse('/movies', 409, 'id_conflict', 'Another film of the library has this id', more, 'post');

    await expect(
      api.movieApi.add({ title: 'Heat', year: 1995, imdbId: 'tt0113277', tmdbId: null, request: null }),
    ).rejects.toMatchObject({
      name: 'ApiError',
      message: 'Another film of the library has this id',
      status: 409,
      code: 'id_conflict',
      ...more,
      retryAfter: undefined,
    });
  });

  test('says after how many seconds it may be tried again', async () => {
    server.use(
      http.post('/api/enrichment/bulk-run', () =>
        HttpResponse.json(
          { success: false, error: 'Started a moment ago', code: 'bulk_rate_limited' },
          { status: 429, headers: { 'Retry-After': '40' } },
        ),
      ),
    );

    await expect(api.enrichmentApi.triggerBulkRun()).rejects.toMatchObject({ status: 429, retryAfter: 40 });
  });

  test.each([
    ['an error page of somebody between', () => new HttpResponse('<html>', { status: 502 }), 502],
    ['a page in the place of data', () => new HttpResponse('<html>', { status: 200 }), 200],
    ['nobody', () => HttpResponse.error(), 0],
  ])('by %s says that Metarr does not answer', async (_who, response, status) => {
    server.use(http.get('/api/about', response));

    await expect(api.aboutApi.get()).rejects.toMatchObject({
      name: 'ApiError',
      message: 'Metarr does not answer. Is it running?',
      code: 'no_answer',
      status,
    });
  });

  test('is none where nobody wants the answer any more', async () => {
    answer('/about', { version: '1', demo: false });
    const stop = new AbortController();
    const asked = api.aboutApi.get(stop.signal);
    stop.abort();

    await expect(asked).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('what is read after a write', () => {
  test('shows it: the read names the newest event that this tab has caused', async () => {
    const stats = answer('/movies/enrichment/stats', {});
    await api.enrichmentApi.getStats();
    expect(addressOf(stats[0])).toBe('/api/movies/enrichment/stats');
    answer('/movies/7', { movieId: 7, seq: 40 }, 'delete');
    answer('/providers/omdb/resume', { provider: 'omdb', message: '', seq: 39 }, 'post');

    await api.movieApi.remove(7);
    await api.providerApi.resume('omdb');
    await api.enrichmentApi.getStats();

    expect(addressOf(stats[1])).toBe('/api/movies/enrichment/stats?after=40');
  });

  test('a read that tells of an event is no write', async () => {
    answer('/rules', { onQuota: 'stop', seq: 99 });
    const status = answer('/enrichment/bulk-status', {});

    await api.rulesApi.get();
    await api.enrichmentApi.getBulkStatus();

    expect(addressOf(status[0])).toBe('/api/enrichment/bulk-status');
  });
});

test('parameters without a value are left out, the others are escaped', async () => {
  const found = answer('/candidates', { candidates: [] });
  await api.movieApi.candidates('Tom & Jerry', null);
  const movies = answer('/movies', {});
  await api.movieApi.list({ search: '', filter: 'incomplete', sort: 'completeness', order: 'asc' });

  expect(addressOf(found[0])).toBe('/api/candidates?title=Tom+%26+Jerry');
  expect(addressOf(movies[0])).toBe('/api/movies?filter=incomplete&sort=completeness&order=asc');
});

test('a body goes as JSON, a file as a form', async () => {
  const forced = answer('/movies/7/enrich', { jobId: 1, message: '', estimatedDuration: 3 }, 'post', 202);
  const imported = answer('/movies/import', { results: [] }, 'post');

  await api.enrichmentApi.triggerEnrich(7, true);
  await api.movieApi.importFile(new File(['title\nHeat\n'], 'movies.csv'));

  expect(forced[0]?.headers.get('Content-Type')).toBe('application/json');
  expect(await forced[0]?.json()).toEqual({ force: true });
  expect(imported[0]?.headers.get('Content-Type')).toMatch(/^multipart\/form-data/);
});

test('pictures come from our own server', () => {
  expect(api.pictureUrl(7, 'poster', 342, null)).toBe('/api/movies/7/images/poster?w=342');
  expect(api.pictureUrl(7, 'poster', 342, '2025-11-22T10:30:00Z')).toBe(
    '/api/movies/7/images/poster?w=342&v=2025-11-22T10%3A30%3A00Z',
  );
  expect(api.candidatePosterUrl('https://image.example/t/p/original/a b.jpg', 92)).toBe(
    '/api/pictures/tmdb/a%20b.jpg?w=92',
  );
});
