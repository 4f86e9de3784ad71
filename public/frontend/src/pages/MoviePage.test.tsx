import { screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { expect, test } from 'vitest';

import { aCandidate, aMissingField, aMovie, aStatus, hoursAgo, known } from '@/components/movie/testData';
import { showRoutes } from '@/test/render';
import { answer, refuse, server, stayLoading } from '@/test/server';
import { playSocket } from '@/test/socket';
import type { MovieDetails } from '@/types/api';
import type { MovieEnrichmentStatus } from '@/types/enrichment';
import { queryKeys } from '@/utils/queryKeys';

import MoviePage from './MoviePage';

const MOVIE = '/movies/7';
const STATUS = '/movies/7/enrichment-status';

const socket = playSocket();

const showPage = (at = '/media/movies/7/edit') =>
  showRoutes(
    [
      { path: '/media/movies/:id/edit', element: <MoviePage /> },
      { path: '/media/movies', element: <h1>Movies</h1> },
    ],
    at,
  );

function showMovie(
  special: Partial<MovieDetails> = {},
  status: Partial<MovieEnrichmentStatus> = {},
  at?: string,
) {
  answer(MOVIE, aMovie(special));
  answer(STATUS, aStatus(status));
  return showPage(at);
}

/** What stands beside a field's name. */
async function fieldText(name: string) {
  const title = await screen.findByText(name, { selector: 'dt' });
  return title.parentElement?.textContent.slice(name.length);
}

test('while the film is loading a placeholder says so', async () => {
  stayLoading(MOVIE);
  showPage();

  expect(await screen.findByText('Loading the movie …')).toBeInTheDocument();
});

test('a film that cannot be loaded can be asked for again', async () => {
  refuse(MOVIE, 500, 'database_error', 'Database error');
  const { user } = showPage();
  expect(await screen.findByText('Failed to load the movie')).toBeInTheDocument();

  answer(MOVIE, aMovie());
  answer(STATUS, aStatus());
  await user.click(screen.getByRole('button', { name: 'Retry' }));

  expect(await screen.findByRole('heading', { name: 'Parasite (2019)', level: 1 })).toBeInTheDocument();
});

test('a film that is not in the library is said to be so, with the way to the list', async () => {
  refuse(MOVIE, 404, 'movie_not_found', 'Movie not found');
  showPage();

  expect(await screen.findByText('This movie is not in the library')).toBeInTheDocument();
  expect(screen.getByRole('link', { name: 'Go to the movies' })).toHaveAttribute('href', '/media/movies');
});

test.each(['abc', '0', '007', '1.5', '12345678901'])('%s in the address is no film', async (id) => {
  showPage(`/media/movies/${id}/edit`);

  expect(await screen.findByText('There is no movie at this address')).toBeInTheDocument();
});

test('a film that is removed while its page is open is calmly said to be gone', async () => {
  const { user } = showMovie();
  await screen.findByRole('heading', { level: 1, name: 'Parasite (2019)' });
  refuse(MOVIE, 404, 'movie_not_found', 'Movie not found');
  refuse(STATUS, 404, 'movie_not_found', 'Movie not found');
  refuse('/movies/7/enrich', 404, 'movie_not_found', 'Movie not found', {}, 'post');

  await user.click(await screen.findByRole('button', { name: 'Refresh Metadata' }));

  expect(await screen.findByText('This movie is not in the library any more')).toBeInTheDocument();
});

test('a film stays shown when it could not be read anew', async () => {
  const { client } = showMovie();
  await screen.findByRole('heading', { level: 1, name: 'Parasite (2019)' });
  refuse(MOVIE, 500, 'database_error', 'Database error');

  await client.refetchQueries({ queryKey: ['movie', 7], exact: true });

  expect(screen.getByRole('heading', { level: 1, name: 'Parasite (2019)' })).toBeInTheDocument();
});

test('the header says which film it is, how complete, and its ids', async () => {
  showMovie({ fields: { original_title: known('기생충') }, locked: ['plot'] });

  expect(await screen.findByRole('heading', { level: 1, name: 'Parasite (2019)' })).toBeInTheDocument();
  expect(document.title).toBe('Parasite (2019) · Metarr');
  expect(screen.getAllByText('기생충')[0]).toBeInTheDocument();
  expect(screen.getAllByText('85%')[0]).toHaveTextContent('85% complete: some fields are missing');
  expect(screen.getByText('1 locked')).toBeInTheDocument();
  const imdb = screen.getByRole('link', { name: 'tt6751668' });
  expect(imdb).toHaveAttribute('href', 'https://www.imdb.com/title/tt6751668/');
  expect(imdb).toHaveAttribute('rel', 'noreferrer');
  expect(screen.getByRole('link', { name: '496243' })).toHaveAttribute(
    'href',
    'https://www.themoviedb.org/movie/496243',
  );
});

test('an original title that is no other, an unknown year and missing ids are not shown', async () => {
  showMovie({ year: null, imdbId: null, tmdbId: null, fields: { original_title: known('Parasite') } });

  expect(await screen.findByRole('heading', { level: 1, name: 'Parasite' })).toBeInTheDocument();
  expect(screen.queryByText('Original title:')).not.toBeInTheDocument();
  expect(screen.getByText('Not identified')).toBeInTheDocument();
});

test('pictures come from our own server; where one fails or is missing its place stays', async () => {
  const { user, container } = showMovie({
    fields: { poster: known('https://image.tmdb.org/p.jpg'), fanart: known('https://x/f.jpg', 'fanart') },
  });
  const [poster] = await screen.findAllByRole('img', { name: 'Poster of Parasite' });
  expect(poster?.getAttribute('src')).toMatch(/^\/api\/movies\/7\/images\/poster\?w=342&/);
  const backdrop = container.querySelector('img[src^="/api/movies/7/images/fanart?w=1280&"]');
  expect(backdrop).not.toBeNull();

  poster?.dispatchEvent(new Event('error'));
  backdrop?.dispatchEvent(new Event('error'));

  expect(await screen.findByText('Poster of Parasite: no picture')).toBeInTheDocument();
  await waitFor(() => expect(backdrop).not.toBeInTheDocument());
  await user.click(screen.getByRole('tab', { name: 'Artwork' }));
  expect(await screen.findByText('Clear Logo of Parasite: no picture')).toBeInTheDocument();
});

test('a picture that was fetched anew is asked for anew, wherever it is shown', async () => {
  const fetched = (at: string) => ({
    fields: {
      poster: { ...known('https://image.tmdb.org/p.jpg'), fetchedAt: at },
      fanart: { ...known('https://x/f.jpg', 'fanart'), fetchedAt: at },
    },
  });
  const { client, container } = showMovie(fetched('2025-11-22T10:30:00Z'), {}, '/media/movies/7/edit');
  await screen.findAllByRole('img', { name: 'Poster of Parasite' });
  const shown = () => [...container.querySelectorAll('img')].map((picture) => picture.getAttribute('src'));
  const before = shown();

  answer(MOVIE, aMovie(fetched('2025-11-23T10:30:00Z')));
  await client.invalidateQueries({ queryKey: queryKeys.movie(7) });

  await waitFor(() => expect(shown().filter((address) => before.includes(address))).toEqual([]));
  expect(shown()).toHaveLength(before.length);
});

test('the tab stands in the address', async () => {
  const { user, address } = showMovie();
  const metadata = await screen.findByRole('tab', { name: 'Metadata' });
  expect(metadata).toHaveAttribute('aria-selected', 'true');

  await user.click(screen.getByRole('tab', { name: 'Artwork' }));

  expect(address()).toBe('/media/movies/7/edit?tab=artwork');
  expect(await screen.findByRole('region', { name: 'Clear Logo' })).toHaveTextContent('Missing');
});

test.each([
  ['artwork', 'Artwork'],
  ['nonsense', 'Metadata'],
])('the address with tab %s opens %s', async (tab, name) => {
  showMovie({}, {}, `/media/movies/7/edit?tab=${tab}`);

  expect(await screen.findByRole('tab', { name })).toHaveAttribute('aria-selected', 'true');
});

test.each([
  ['plot', 'Plot', 'Greed.\nAnd more.', 'Greed. And more.'],
  ['release_date', 'Release Date', '2019-05-30', 'May 30, 2019'],
  ['runtime', 'Runtime', 133, '2 hours 13 minutes'],
  ['genres', 'Genres', ['Comedy', 'Drama'], 'ComedyDrama'],
  ['imdb_rating', 'IMDb Rating', 9, '9.0 / 10'],
  ['rotten_tomatoes_score', 'Rotten Tomatoes Score', 83, '83%'],
  ['metacritic_score', 'Metacritic Score', 78, '78 / 100'],
  ['imdb_votes', 'IMDb Votes', 294630, '294,630'],
  ['directors', 'Directors', ['Lana Wachowski', 'Lilly Wachowski'], 'Lana Wachowski, Lilly Wachowski'],
  ['countries', 'Countries', ['South Korea'], 'South Korea'],
  ['original_language', 'Original Language', 'ko', 'Korean'],
  ['original_language', 'Original Language', 'not a code', 'not a code'],
  ['year', 'Year', 2019, '2019'],
  ['trailer', 'Trailer', 'https://www.youtube.com/watch?v=1', 'Watch on youtube.com'],
  ['trailer', 'Trailer', 'javascript:alert(1)', 'javascript:alert(1)'],
])('%s is shown as a person reads it', async (field, title, value, text) => {
  showMovie({ fields: { [field]: known(value) } });

  const shown = (await fieldText(title))?.replaceAll('\n', ' ');
  expect(shown).toBe(`${text}TMDB · 3 hours ago`);
});

test('the trailer is a link that tells the other site nothing', async () => {
  showMovie({ fields: { trailer: known('https://www.youtube.com/watch?v=1') } });

  const link = await screen.findByRole('link', { name: 'Watch on youtube.com' });
  expect(link).toHaveAttribute('href', 'https://www.youtube.com/watch?v=1');
  expect(link).toHaveAttribute('rel', 'noreferrer');
});

test('a long cast is shown whole on demand', async () => {
  const cast = Array.from({ length: 12 }, (_, at) => ({ name: `Actor ${at}`, role: at ? `Role ${at}` : '' }));
  const { user } = showMovie({ fields: { cast: known(cast) } });
  expect(await screen.findByText('Actor 1')).toHaveTextContent('Actor 1 as Role 1');
  expect(screen.getByText('Actor 0')).not.toHaveTextContent(' as ');
  expect(screen.queryByText('Actor 11')).not.toBeInTheDocument();

  await user.click(screen.getByRole('button', { name: 'Show all 12' }));

  expect(screen.getByText('Actor 11')).toBeInTheDocument();
});

test.each([
  ['user', 'You'],
  ['omdb', 'OMDB'],
  ['nfo', 'nfo'],
])('a value of %s is said to come from %s', async (source, title) => {
  showMovie({ fields: { awards: known('6 wins', source) } });

  await waitFor(async () => expect(await fieldText('Awards')).toBe(`6 wins${title} · 3 hours ago`));
});

test('a locked field is marked', async () => {
  showMovie({ locked: ['plot'] });

  const title = await screen.findByText('Plot', { selector: 'dt' });
  expect(within(title).getByRole('button', { name: 'Locked' })).toBeInTheDocument();
});

test('a missing field says so with the reason; of fields that are not counted nothing is said', async () => {
  showMovie({}, { missingFields: [aMissingField({ reason: 'provider_off' })] });

  await waitFor(async () => expect(await fieldText('Awards')).toBe('Missing · no key, set METARR_OMDB_KEY'));
  expect(screen.queryByText('Collection')).not.toBeInTheDocument();
});

test('fields stand by category', async () => {
  showMovie({ fields: { imdb_rating: known(8.5, 'omdb') } });

  const ratings = await screen.findByRole('region', { name: 'Ratings' });
  expect(ratings).toHaveTextContent('IMDb Rating8.5 / 10OMDB');
});

test('of a film of which nothing is known no empty fields are listed', async () => {
  showMovie({ fields: {}, completeness: 0 });

  expect(await screen.findByText('Nothing is known of this movie yet')).toBeInTheDocument();
});

test('the page is brought up to date when a refresh has ended', async () => {
  showMovie();
  await screen.findByRole('heading', { level: 1 });
  await waitFor(() => expect(socket.received).toContainEqual(expect.objectContaining({ movieId: 7 })));
  answer(MOVIE, aMovie({ fields: { tagline: known('Act like you own the place.') } }));

  socket.send({
    type: 'enrichment:complete',
    movieId: 7,
    jobId: 1,
    seq: 1,
    completeness: 90,
    partial: false,
    rateLimitedProviders: [],
    freshSince: null,
  });

  await waitFor(async () => expect(await fieldText('Tagline')).toMatch(/^Act like you own the place/));
});

test('a film is removed after a person has confirmed it', async () => {
  const { user, address } = showMovie();
  const requests = answer(MOVIE, { movieId: 7, result: 'removed', seq: 5 }, 'delete');
  await user.click(await screen.findByRole('button', { name: 'Remove' }));
  const dialog = await screen.findByRole('dialog', { name: 'Remove “Parasite (2019)”?' });

  await user.click(within(dialog).getByRole('button', { name: 'Remove' }));

  expect(await screen.findByText('Parasite (2019) was removed')).toBeInTheDocument();
  expect(address()).toBe('/media/movies');
  expect(requests).toHaveLength(1);
});

test('a film that somebody else removed first is gone just as well', async () => {
  const { user, address } = showMovie();
  refuse(MOVIE, 404, 'movie_not_found', 'Movie not found', {}, 'delete');
  await user.click(await screen.findByRole('button', { name: 'Remove' }));

  await user.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'Remove' }));

  await waitFor(() => expect(address()).toBe('/media/movies'));
});

test('a removal that failed is said in the dialog, which can be left', async () => {
  const { user } = showMovie();
  refuse(MOVIE, 500, 'bus_unavailable', 'The library does not answer', {}, 'delete');
  const opener = await screen.findByRole('button', { name: 'Remove' });
  await user.click(opener);
  const dialog = await screen.findByRole('dialog');
  await user.click(within(dialog).getByRole('button', { name: 'Remove' }));
  expect(await within(dialog).findByText('The library does not answer')).toBeInTheDocument();

  await user.click(within(dialog).getByRole('button', { name: 'Cancel' }));

  await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
  await waitFor(() => expect(opener).toHaveFocus());
});

test('a film that is not identified asks which movie it is', async () => {
  const { user } = showMovie(
    { identification: 'unidentified', fields: {}, lastEnriched: hoursAgo(1) },
    { identification: 'unidentified' },
  );
  expect(await screen.findByText('It is not known which movie this is')).toBeInTheDocument();

  await user.click(screen.getByRole('button', { name: 'Choose the movie' }));

  expect(await screen.findByRole('dialog', { name: 'Identify “Parasite (2019)”' })).toBeInTheDocument();
});

test('after it was identified the film is read anew and refreshed', async () => {
  const { user } = showMovie({ identification: 'unidentified', imdbId: null, tmdbId: null });
  answer('/movies/7/identify', { movieId: 7, result: 'identified', seq: 9 }, 'post');
  const refreshes = answer('/movies/7/enrich', { jobId: 1, message: '', estimatedDuration: 3 }, 'post', 202);
  await user.click(await screen.findByRole('button', { name: 'Identify' }));
  await user.type(await screen.findByLabelText('Paste an id'), '496243');
  answer(MOVIE, aMovie());

  await user.click(screen.getByRole('button', { name: 'Use this id' }));

  expect(await screen.findByRole('link', { name: '496243' })).toBeInTheDocument();
  await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
  await waitFor(() => expect(refreshes).toHaveLength(1));
  expect(await screen.findByText('Queued')).toBeInTheDocument();
});

test.each([
  [1, '1 movie may be meant.'],
  [2, '2 movies may be meant.'],
])('of an unidentified film it is said how many may be meant: %i', async (length, text) => {
  showMovie({
    identification: 'unidentified',
    candidates: Array.from({ length }, (_, tmdbId) => aCandidate({ tmdbId })),
  });

  expect(await screen.findByText(text)).toBeInTheDocument();
});

test('a film that seems to be one of the library leads there, or is removed', async () => {
  const { user } = showMovie({
    identification: 'unidentified',
    candidates: [aCandidate({ title: 'Amélie', year: 2001, movieId: 16 })],
  });
  expect(await screen.findByText(/^This seems to be the same movie as/)).toHaveTextContent(
    'This seems to be the same movie as Amélie (2001).',
  );
  expect(screen.getByRole('link', { name: 'Amélie (2001)' })).toHaveAttribute(
    'href',
    '/media/movies/16/edit',
  );

  await user.click(screen.getByRole('button', { name: 'Remove this one' }));

  expect(await screen.findByRole('dialog', { name: 'Remove “Parasite (2019)”?' })).toBeInTheDocument();
});

test('while a film of which nothing is known is refreshed it is said to be fetched', async () => {
  showMovie({ fields: {}, lastEnriched: null });
  expect(await screen.findByText('Nothing is known of this movie yet')).toBeInTheDocument();
  await waitFor(() => expect(socket.received).toContainEqual(expect.objectContaining({ movieId: 7 })));

  socket.send({
    type: 'enrichment:progress',
    movieId: 7,
    jobId: 1,
    progress: 0,
    currentProvider: 'tmdb',
    providersComplete: [],
    providersRemaining: ['tmdb'],
  });

  expect(await screen.findByText('Being fetched …')).toBeInTheDocument();
  expect(screen.queryByText('Nothing is known of this movie yet')).not.toBeInTheDocument();
});

test('a title is read whole where it is cut', async () => {
  const title = 'A title without an end '.repeat(30).trim();
  const { user } = showMovie({ title, year: null });

  expect(await screen.findByRole('heading', { level: 1 })).toHaveAttribute('title', title);
  await user.click(screen.getByRole('button', { name: 'Remove' }));

  expect(within(await screen.findByRole('dialog')).getByRole('heading')).toHaveAttribute(
    'title',
    `Remove “${title}”?`,
  );
});

test('the header says how long the film is, and of which genres', async () => {
  showMovie({ fields: { runtime: known(133), genres: known(['Comedy', 'Drama']) } });

  expect(await screen.findByText('2 hours 13 minutes · Comedy, Drama')).toBeInTheDocument();
});

test('where the refresh after identifying could not be started a message says so', async () => {
  const { user } = showMovie();
  answer('/movies/7/identify', { movieId: 7, result: 'identified', seq: 9 }, 'post');
  refuse('/movies/7/enrich', 429, 'rate_limited', 'Too many manual enrichment requests', {}, 'post');
  await user.click(await screen.findByRole('button', { name: 'Identify' }));
  await user.type(await screen.findByLabelText('Paste an id'), '603');

  await user.click(screen.getByRole('button', { name: 'Use this id' }));

  expect(
    await screen.findByText(
      'Identified, but its refresh could not be started: Too many manual enrichment requests',
    ),
  ).toBeInTheDocument();
});

/** Holds an answer back until the test lets it pass. */
function gate() {
  let open: () => void = () => undefined;
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open: () => open() };
}

test('a dialog that is at work does not close, and what follows is done', async () => {
  const { user } = showMovie({ identification: 'unidentified' });
  const written = gate();
  server.use(
    http.post('/api/movies/7/identify', async () => {
      await written.passed;
      return HttpResponse.json({ success: true, data: { movieId: 7, result: 'identified', seq: 9 } });
    }),
  );
  const refreshes = answer('/movies/7/enrich', { jobId: 1, message: '', estimatedDuration: 3 }, 'post', 202);
  await user.click(await screen.findByRole('button', { name: 'Identify' }));
  await user.type(await screen.findByLabelText('Paste an id'), '603{Enter}');

  await user.keyboard('{Escape}');
  expect(screen.getByRole('dialog')).toBeInTheDocument();
  written.open();

  await waitFor(() => expect(refreshes).toHaveLength(1));
  await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
});

test('a film that is being removed is left when it is gone, whatever is pressed meanwhile', async () => {
  const { user, address } = showMovie();
  const written = gate();
  server.use(
    http.delete('/api/movies/7', async () => {
      await written.passed;
      return HttpResponse.json({ success: true, data: { movieId: 7, result: 'removed', seq: 9 } });
    }),
  );
  await user.click(await screen.findByRole('button', { name: 'Remove' }));
  const dialog = within(await screen.findByRole('dialog'));
  await user.click(dialog.getByRole('button', { name: 'Remove' }));

  await user.click(dialog.getByRole('button', { name: 'Cancel' }));
  await user.keyboard('{Escape}');
  expect(screen.getByRole('dialog')).toBeInTheDocument();
  written.open();

  await waitFor(() => expect(address()).toBe('/media/movies'));
  expect(await screen.findByText('Parasite (2019) was removed')).toBeInTheDocument();
});
