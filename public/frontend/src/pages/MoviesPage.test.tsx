import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { Link, Outlet, ScrollRestoration } from 'react-router';
import { afterEach, describe, expect, test, vi } from 'vitest';

import { begin, movie, moviePage, playList, playWidth } from '@/components/movies/movies.fixture';
import { show, showRoutes } from '@/test/render';
import { answer, refuse, server, stayLoading } from '@/test/server';
import { playSocket } from '@/test/socket';
import { queryKeys } from '@/utils/queryKeys';

import MoviesPage from './MoviesPage';

const socket = playSocket();
playWidth('table');

const open = (query = '') => show(<MoviesPage />, { at: `/media/movies${query}`, path: '/media/movies' });

const rowOf = (title: string) =>
  screen.findByRole('link', { name: title }).then((link) => {
    const row = link.closest<HTMLElement>('[role="row"]');
    if (!row) throw new Error('The link is in no row');
    return within(row);
  });

const films = () => screen.getAllByRole('link', { name: /^Movie/ }).map((link) => link.textContent);

function scrollTo(y: number) {
  act(() => {
    vi.stubGlobal('scrollY', y);
    vi.spyOn(Element.prototype, 'getBoundingClientRect').mockReturnValue(new DOMRect(0, -y, 1000, 0));
    window.dispatchEvent(new Event('scroll'));
  });
}

const single = (...movies: ReturnType<typeof movie>[]) => ({
  movies,
  total: movies.length,
  nextCursor: null,
});

describe('the list', () => {
  test('is a table that says how long it is, and each row where it is', async () => {
    playList((query) => moviePage(begin(query), 100_000));
    open();

    const table = await screen.findByRole('table', { name: 'Movies' });

    expect(table).toHaveAttribute('aria-rowcount', '100001');
    expect(screen.getByText('100,000 movies')).toBeVisible();
    const link = await screen.findByRole('link', { name: 'Movie 1 (1999)' });
    expect(link.closest('[role="row"]')).toHaveAttribute('aria-rowindex', '2');
    expect(link).toHaveAttribute('href', '/media/movies/1/edit');
  });

  test('has few rows in the page, however long it is', async () => {
    playList((query) => moviePage(begin(query), 100_000));
    open();
    await screen.findByRole('link', { name: 'Movie 1 (1999)' });

    expect(screen.getAllByRole('row').length).toBeLessThanOrEqual(60);
  });

  test('shows of a film what is missing, what limits it and when it was enriched', async () => {
    playList(() =>
      single(
        movie(1, {
          completeness: 65,
          partial: true,
          missingFields: ['plot', 'awards', 'imdb_rating', 'cast', 'trailer'],
          rateLimitedProviders: ['omdb'],
          identification: 'unidentified',
          lastEnriched: new Date(Date.now() - 2 * 86_400_000).toISOString(),
        }),
      ),
    );
    open();

    const row = await rowOf('Movie 1 (1999)');

    expect(row.getByText('65%')).toHaveTextContent('partial enrichment, some providers failed');
    expect(row.getByText(/Plot, Awards, IMDb Rating/)).toBeVisible();
    expect(row.getByText('+2')).toBeVisible();
    expect(row.getByTitle('Missing: Plot, Awards, IMDb Rating, Cast, and Trailer')).toBeVisible();
    expect(row.getByTitle('Rate-limited providers: OMDB')).toHaveTextContent('OMDB limited');
    expect(row.getByText('Unidentified')).toBeVisible();
    expect(row.getByText('2 days ago')).toBeVisible();
  });

  test('shows of a complete film that nothing is missing, and of a new one that it was never enriched', async () => {
    playList(() => single(movie(1), movie(2, { year: null, identification: 'pending' })));
    open();

    const complete = await rowOf('Movie 1 (1999)');
    const fresh = await rowOf('Movie 2');

    expect(complete.getByText('None')).toBeVisible();
    expect(fresh.getByText('Never')).toBeVisible();
    // On a card no column says what it is.
    expect(fresh.getByRole('cell', { name: /^Last enriched: ?never/ })).toBeVisible();
    expect(fresh.getByText('Not looked up yet')).toBeVisible();
  });

  test('names several limited providers by their number', async () => {
    playList(() => single(movie(1, { rateLimitedProviders: ['omdb', 'fanart'] })));
    open();

    const row = await rowOf('Movie 1 (1999)');

    expect(row.getByTitle('Rate-limited providers: OMDB, Fanart')).toHaveTextContent('2 limited');
  });

  test('shows a placeholder where a poster cannot be loaded', async () => {
    playList(() => single(movie(7, { hasPoster: true })));
    const { container } = open();

    const poster = await waitFor(() => {
      const image = container.querySelector('img');
      if (!image) throw new Error('No poster yet');
      return image;
    });
    expect(poster).toHaveAttribute('src', '/api/movies/7/images/poster?w=92');
    fireEvent.error(poster);

    expect(container.querySelector('img')).toBeNull();
  });

  test('asks for a poster anew after the movie was enriched', async () => {
    playList(() => single(movie(7, { hasPoster: true, lastEnriched: '2025-11-22T10:30:00Z' })));
    const { client, container } = open();
    const address = () => container.querySelector('img')?.getAttribute('src');
    await waitFor(() => expect(address()).toMatch(/w=92&v=2025-11-22/));

    playList(() => single(movie(7, { hasPoster: true, lastEnriched: '2025-11-23T10:30:00Z' })));
    await client.invalidateQueries({ queryKey: queryKeys.movies });

    await waitFor(() => expect(address()).toMatch(/w=92&v=2025-11-23/));
  });

  test('says that it is being loaded', async () => {
    stayLoading('/movies');
    open();

    expect(await screen.findByText('Loading movies …')).toBeInTheDocument();
  });

  test('says why it cannot be shown, and tries again', async () => {
    refuse('/movies', 500, 'internal_error', 'Internal error');
    const { user } = open();

    expect(await screen.findByText('Failed to load movies')).toBeVisible();
    expect(screen.getByText('Internal error')).toBeVisible();
    playList(() => moviePage(0, 3));
    await user.click(screen.getByRole('button', { name: 'Retry' }));

    expect(await screen.findByRole('link', { name: 'Movie 3 (1999)' })).toBeVisible();
  });

  test('leads to adding where the library is empty', async () => {
    playList(() => moviePage(0, 0));
    const { user } = open();

    expect(await screen.findByText('No movies in library')).toBeVisible();
    const [, inPlace] = screen.getAllByRole('button', { name: 'Add movies' });
    if (inPlace) await user.click(inPlace);

    expect(await screen.findByRole('dialog', { name: 'Add movies' })).toBeVisible();
  });

  test('fills when the first film is added', async () => {
    const added = answer(
      '/movies',
      { row: 1, result: 'added', movieId: 1, title: 'Heat', seq: 0 },
      'post',
      201,
    );
    playList(() => (added.length ? single(movie(1, { title: 'Heat', year: 1995 })) : moviePage(0, 0)));
    const { user } = open('?add=1');
    await user.type(await screen.findByRole('textbox', { name: 'Title' }), 'Heat');

    await user.click(screen.getByRole('button', { name: 'Add movie' }));
    await screen.findByText('Added: Heat');
    await user.keyboard('{Escape}');

    expect(await screen.findByRole('link', { name: 'Heat (1995)' })).toBeVisible();
    expect(screen.queryByText('No movies in library')).toBeNull();
  });

  test('leads out of filters that leave nothing', async () => {
    playList((query) => moviePage(0, query.get('filter') === 'limited' ? 0 : 2));
    const { user, address } = open('?filter=limited&sort=year:desc');

    expect(await screen.findByText('No movies match')).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Clear filters' }));

    expect(await screen.findByRole('link', { name: 'Movie 2 (1999)' })).toBeVisible();
    expect(address()).toBe('/media/movies?sort=year%3Adesc');
  });
});

describe('while a person scrolls', () => {
  test('the next page is read ahead, and later ones as they come into sight', async () => {
    const queries = playList((query) => moviePage(begin(query), 100_000));
    open();
    await screen.findByRole('link', { name: 'Movie 1 (1999)' });
    await waitFor(() => expect(queries.map(begin)).toEqual([0, 100]));

    scrollTo(110 * 72);

    expect(await screen.findByRole('link', { name: 'Movie 111 (1999)' })).toBeVisible();
    await waitFor(() => expect(queries.map(begin)).toEqual([0, 100, 200]));
    expect(queries[0]?.get('limit')).toBe('100');
  });

  test('only what is visible is read again when the library changes', async () => {
    const queries = playList((query) => moviePage(begin(query), 100_000));
    const { client } = open();
    await screen.findByRole('link', { name: 'Movie 1 (1999)' });
    await waitFor(() => expect(queries).toHaveLength(2));
    scrollTo(120 * 72);
    await waitFor(() => expect(queries).toHaveLength(3));
    scrollTo(220 * 72);
    await waitFor(() => expect(queries).toHaveLength(4));
    await screen.findByRole('link', { name: 'Movie 221 (1999)' });
    queries.length = 0;

    await act(() => client.invalidateQueries({ queryKey: queryKeys.movies }));

    expect(queries.map(begin).toSorted((one, other) => one - other)).toEqual([200, 300]);
  });

  test('a film that moves to the next page is not shown twice, and the next page begins where this one ends', async () => {
    let moved = false;
    const queries = playList((query) => {
      const page = moviePage(begin(query), 300);
      if (!moved) return page;
      // Film 1 has gone to the end of the list: every page begins one film later.
      const at = begin(query);
      return {
        movies: Array.from({ length: 100 }, (_, offset) => movie(at + offset + 2)),
        total: 300,
        nextCursor: at < 200 ? String(at + 100 + (at === 0 ? 1 : 0)) : null,
      };
    });
    const { client } = open();
    await screen.findByRole('link', { name: 'Movie 1 (1999)' });
    await waitFor(() => expect(queries).toHaveLength(2));
    scrollTo(96 * 72);
    await waitFor(() => expect(queries).toHaveLength(3));

    moved = true;
    await act(() => client.invalidateQueries({ queryKey: queryKeys.movies }));

    await waitFor(() => expect(queries.map(begin)).toContain(101));
    expect(new Set(films()).size).toBe(films().length);
  });

  test('a page that cannot be read says so in its place, and is read with Retry', async () => {
    playList((query) => moviePage(begin(query), 300));
    server.use(
      http.get('/api/movies', ({ request }) =>
        new URL(request.url).searchParams.get('cursor') === '100'
          ? HttpResponse.json(
              { success: false, error: 'The library does not answer', code: 'bus_unavailable' },
              { status: 500 },
            )
          : undefined,
      ),
    );
    const { user } = open();
    await screen.findByRole('link', { name: 'Movie 1 (1999)' });

    scrollTo(110 * 72);
    expect(await screen.findByText('These movies could not be loaded')).toBeVisible();
    expect(screen.getByText('The library does not answer')).toBeVisible();
    playList((query) => moviePage(begin(query), 300));
    await user.click(screen.getByRole('button', { name: 'Retry' }));

    expect(await screen.findByRole('link', { name: 'Movie 111 (1999)' })).toBeVisible();
    expect(screen.queryByText('These movies could not be loaded')).toBeNull();
  });

  test('a list that is come back to has its height at once, and reads only what is visible', async () => {
    const queries = playList((query) => moviePage(begin(query), 100_000));
    const { user } = showRoutes(
      [
        {
          element: (
            <>
              <Link to="/">away</Link>
              <Link to="/media/movies">back</Link>
              <Outlet />
              <ScrollRestoration />
            </>
          ),
          children: [
            { path: '/media/movies', element: <MoviesPage /> },
            { path: '*', element: null },
          ],
        },
      ],
      '/media/movies',
    );
    await screen.findByRole('link', { name: 'Movie 1 (1999)' });
    await waitFor(() => expect(queries).toHaveLength(2));
    scrollTo(110 * 72);
    await waitFor(() => expect(queries).toHaveLength(3));
    await screen.findByRole('link', { name: 'Movie 111 (1999)' });
    await user.click(screen.getByRole('link', { name: 'away' }));
    queries.length = 0;

    await user.click(screen.getByRole('link', { name: 'back' }));

    expect(await screen.findByRole('link', { name: 'Movie 111 (1999)' })).toBeVisible();
    await waitFor(() => expect(queries).toHaveLength(2));
    expect(queries.map(begin).toSorted((one, other) => one - other)).toEqual([100, 200]);
  });
});

describe('search, filters and order', () => {
  afterEach(() => void vi.useRealTimers());

  test('are as the address says', async () => {
    const queries = playList(() => moviePage(0, 1));
    open('?filter=incomplete&sort=completeness:asc&missing=awards&search=matrix');

    expect(await screen.findByText('1 movie matches')).toBeVisible();
    expect(Object.fromEntries(queries[0] ?? [])).toEqual({
      filter: 'incomplete',
      sort: 'completeness',
      order: 'asc',
      missing: 'awards',
      search: 'matrix',
      limit: '100',
    });
    expect(screen.getByRole('searchbox', { name: 'Search movies' })).toHaveValue('matrix');
    expect(screen.getByRole('combobox', { name: 'Filter' })).toHaveDisplayValue('Incomplete (below 90%)');
    expect(screen.getByRole('combobox', { name: 'Missing field' })).toHaveDisplayValue('Missing: Awards');
    expect(screen.getByRole('combobox', { name: 'Sort by' })).toHaveDisplayValue('Sort: Completeness');
  });

  test('go into the address', async () => {
    playList(() => moviePage(0, 2));
    const { user, address } = open();
    await screen.findByText('2 movies');

    await user.selectOptions(screen.getByRole('combobox', { name: 'Filter' }), 'Limited');
    await user.selectOptions(screen.getByRole('combobox', { name: 'Missing field' }), 'Missing: Trailer');
    await user.selectOptions(screen.getByRole('combobox', { name: 'Sort by' }), 'Sort: Year');
    await user.click(screen.getByRole('button', { name: 'Sort ascending' }));

    expect(address()).toBe('/media/movies?filter=limited&missing=trailer&sort=year%3Aasc');
    expect(await screen.findByText('2 movies match')).toBeVisible();
  });

  test('the tracked fields stand in their groups', async () => {
    playList(() => moviePage(0, 1));
    open();

    const fields = screen.getByRole('combobox', { name: 'Missing field' });
    const ratings = within(fields).getByRole('group', { name: 'Ratings' });

    expect(
      within(ratings)
        .getAllByRole('option')
        .map((option) => option.textContent),
    ).toEqual([
      'Missing: IMDb Rating',
      'Missing: Rotten Tomatoes Score',
      'Missing: Metacritic Score',
      'Missing: TMDB Rating',
    ]);
    expect(within(fields).queryByRole('option', { name: 'Missing: Year' })).toBeNull();
    await screen.findByText('1 movie');
  });

  test('a press on the head of a column sorts by it, a second one the other way round', async () => {
    const queries = playList(() => moviePage(0, 2));
    const { user } = open();
    await screen.findByRole('link', { name: 'Movie 1 (1999)' });
    expect(screen.getByRole('columnheader', { name: 'Movie' })).toHaveAttribute('aria-sort', 'ascending');

    await user.click(screen.getByRole('button', { name: 'Completeness' }));
    await waitFor(() => expect(queries.at(-1)?.get('sort')).toBe('completeness'));
    await waitFor(() =>
      expect(screen.getByRole('columnheader', { name: 'Completeness' })).toHaveAttribute(
        'aria-sort',
        'ascending',
      ),
    );
    await user.click(screen.getByRole('button', { name: 'Completeness' }));

    await waitFor(() => expect(queries.at(-1)?.get('order')).toBe('desc'));
    expect(screen.getByRole('columnheader', { name: 'Movie' })).toHaveAttribute('aria-sort', 'none');
  });

  test('a search begins when a person pauses, and asks once', async () => {
    // However long a key takes, it is no pause: while the machine has no time for us, this clock stands still.
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const queries = playList((query) =>
      query.get('search') ? single(movie(5, { title: 'The Matrix' })) : moviePage(0, 2),
    );
    const { user, address } = open();
    await screen.findByRole('link', { name: 'Movie 1 (1999)' });

    await user.type(screen.getByRole('searchbox'), 'matrix ');

    expect(await screen.findByRole('link', { name: 'The Matrix (1999)' })).toBeVisible();
    expect(queries.map((query) => query.get('search'))).toEqual([null, 'matrix']);
    expect(address()).toBe('/media/movies?search=matrix');
    expect(screen.getByRole('searchbox')).toHaveValue('matrix ');
  });

  test('Escape clears the search', async () => {
    playList(() => moviePage(0, 2));
    const { user, address } = open('?search=movie');
    await screen.findByText('2 movies match');

    await user.type(screen.getByRole('searchbox'), '{Escape}');

    expect(screen.getByRole('searchbox')).toHaveValue('');
    expect(address()).toBe('/media/movies');
    expect(await screen.findByText('2 movies')).toBeVisible();
  });

  test('the button clears the search', async () => {
    playList(() => moviePage(0, 2));
    const { user, address } = open('?search=movie');
    await screen.findByText('2 movies match');

    await user.click(screen.getByRole('button', { name: 'Clear search' }));

    expect(address()).toBe('/media/movies');
    expect(await screen.findByText('2 movies')).toBeVisible();
  });

  test('a word that an input method puts together is searched for when it is ready', async () => {
    const queries = playList(() => moviePage(0, 2));
    open();
    await screen.findByText('2 movies');
    const input = screen.getByRole('searchbox');

    fireEvent.compositionStart(input);
    fireEvent.change(input, { target: { value: 'せn' } });
    fireEvent.keyDown(input, { key: 'Escape', isComposing: true });
    expect(input).toHaveValue('せn');
    fireEvent.change(input, { target: { value: '千' } });
    fireEvent.compositionEnd(input);

    await waitFor(() => expect(queries.map((query) => query.get('search'))).toEqual([null, '千']));
  });

  test('the list before stays while another one is read', async () => {
    playList(() => moviePage(0, 2));
    const { user } = open();
    await screen.findByRole('link', { name: 'Movie 1 (1999)' });

    stayLoading('/movies');
    await user.selectOptions(screen.getByRole('combobox', { name: 'Filter' }), 'Partial (60–89%)');

    expect(await screen.findByText('Searching …')).toBeVisible();
    expect(screen.getByRole('link', { name: 'Movie 1 (1999)' })).toBeVisible();
    expect(screen.getByRole('table')).toHaveAttribute('aria-busy', 'true');
  });
});

test('live messages about all films are asked for', async () => {
  playList(() => moviePage(0, 1));
  open();
  await screen.findByText('1 movie');

  await waitFor(() =>
    expect(socket.received).toContainEqual({ type: 'subscribe', channel: 'movie:enrichment' }),
  );
});

describe('the dialog for adding', () => {
  test('opens and closes over the list, and gives the focus back', async () => {
    playList(() => moviePage(0, 1));
    const { user, address } = open('?filter=limited');
    await screen.findByText('1 movie matches');

    await user.click(screen.getByRole('button', { name: 'Add movies' }));
    expect(await screen.findByRole('dialog', { name: 'Add movies' })).toBeVisible();
    expect(address()).toBe('/media/movies?filter=limited&add=1');
    await user.keyboard('{Escape}');

    await waitFor(() => expect(address()).toBe('/media/movies?filter=limited'));
    await waitFor(() => expect(screen.getByRole('button', { name: 'Add movies' })).toHaveFocus());
  });

  test('that cannot be loaded says so in its place, over the list', async () => {
    vi.resetModules();
    vi.doMock('@/components/movies/AddMovies', () => {
      throw new TypeError('Failed to fetch dynamically imported module');
    });
    const [{ default: FreshPage }, fresh] = await Promise.all([
      import('./MoviesPage'),
      import('@/test/render'),
    ]);
    playList(() => moviePage(0, 1));
    const { user, address } = fresh.show(<FreshPage />, { at: '/media/movies?add=1', path: '/media/movies' });

    const dialog = within(await screen.findByRole('dialog', { name: 'Add movies' }));
    expect(await dialog.findByText('This dialog could not be loaded')).toBeVisible();
    expect(dialog.getByRole('button', { name: 'Retry' })).toBeVisible();
    await user.keyboard('{Escape}');

    expect(await screen.findByRole('link', { name: 'Movie 1 (1999)' })).toBeVisible();
    expect(address()).toBe('/media/movies');
    vi.doUnmock('@/components/movies/AddMovies');
  });

  test('is open where the address says so', async () => {
    playList(() => moviePage(0, 1));
    open('?add=1');

    expect(await screen.findByRole('dialog', { name: 'Add movies' })).toBeVisible();
  });
});

test('the number of films is read out when other ones are asked for, not each time that it moves', async () => {
  let total = 3;
  playList((query) => moviePage(0, query.get('filter') === 'limited' ? 1 : total));
  const { user, client } = open();
  const told = () => screen.getAllByRole('status').map((status) => status.textContent);
  await waitFor(() => expect(told()).toContain('3 movies in your library'));

  total = 4;
  await act(() => client.invalidateQueries({ queryKey: queryKeys.movies }));
  expect(await screen.findByText('4 movies')).toBeVisible();
  expect(told().join()).not.toContain('4 movies');
  await user.selectOptions(screen.getByRole('combobox', { name: 'Filter' }), 'Limited');

  await waitFor(() => expect(told()).toContain('1 movie matches your search'));
});
