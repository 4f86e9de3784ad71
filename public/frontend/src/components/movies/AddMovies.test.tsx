import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, test } from 'vitest';

import { Dialog } from '@/components/ui/dialog';
import { show } from '@/test/render';
import { answer, refuse, server, stayLoading } from '@/test/server';
import { playSocket } from '@/test/socket';
import type { ImportedRow, Job } from '@/types/api';

import AddMovies from './AddMovies';
import { ImportSending } from './ImportSending';

playSocket();

const open = () =>
  show(
    <Dialog open>
      <AddMovies />
    </Dialog>,
  );

const added = (more: object = {}) => ({
  row: 1,
  result: 'added',
  movieId: 7,
  title: 'Heat',
  field: null,
  reason: null,
  note: null,
  seq: 9,
  ...more,
});

const title = () => screen.getByRole('textbox', { name: 'Title' });
const year = () => screen.getByRole('textbox', { name: 'Year' });
const id = () => screen.getByRole('textbox', { name: 'IMDb or TMDB id' });
const add = () => screen.getByRole('button', { name: 'Add movie' });

describe('one movie', () => {
  // It is not there yet.
  beforeEach(() => void answer('/movies', { movies: [], total: 0, nextCursor: null }));

  test('is added, can be gone to, and leaves the form free for the next one', async () => {
    const requests = answer('/movies', added(), 'post', 201);
    const { user } = open();

    await user.type(title(), 'Heat');
    await user.type(year(), '1995');
    await user.type(id(), 'https://www.imdb.com/title/tt0113277/');
    await user.click(add());

    expect(await screen.findByText('Added: Heat')).toBeVisible();
    expect(await requests[0]?.json()).toMatchObject({
      title: 'Heat',
      year: '1995',
      imdbId: 'tt0113277',
      tmdbId: null,
    });
    expect(screen.getByRole('link', { name: 'Show movie' })).toHaveAttribute('href', '/media/movies/7/edit');
    expect(screen.getByRole('link', { name: 'Run now' })).toHaveAttribute('href', '/settings/general');
    expect(title()).toHaveValue('');
    expect(title()).toHaveFocus();
  });

  test('that is there already is said to be, with the way to it', async () => {
    answer('/movies', added({ result: 'unchanged' }), 'post');
    const { user } = open();

    await user.type(title(), 'Heat{Enter}');

    expect(await screen.findByText('Already in your library')).toBeVisible();
    expect(screen.getByRole('link', { name: 'Show movie' })).toHaveAttribute('href', '/media/movies/7/edit');
    expect(title()).toHaveValue('Heat');
  });

  test('says what was read differently from how it was written', async () => {
    answer('/movies', added({ note: 'The year was read from the title' }), 'post', 201);
    const { user } = open();

    await user.type(title(), 'Heat (1995){Enter}');

    expect(await screen.findByText('The year was read from the title')).toBeVisible();
  });

  test('needs a title or an id', async () => {
    const { user } = open();

    await user.click(add());

    expect(title()).toHaveAccessibleDescription('Enter a title or an id');
    expect(title()).toBeInvalid();
  });

  test('is not added with an id that is none', async () => {
    const { user } = open();

    await user.type(id(), 'https://www.themoviedb.org/tv/1399');
    await user.click(add());

    expect(id()).toHaveAccessibleDescription(/^Expected an IMDb id such as tt0133093/);
    await user.clear(id());
    expect(id()).toBeValid();
  });

  test.each([
    ['title', title],
    ['year', year],
    ['imdbId', id],
    ['tmdbId', id],
  ] as const)('says at the field what the server finds wrong in %s', async (field, input) => {
    refuse('/movies', 400, 'rejected', `This ${field} is wrong`, { field }, 'post');
    const { user } = open();

    await user.type(title(), 'Heat{Enter}');

    const label = { title: 'Title', year: 'Year', imdbId: 'IMDb id', tmdbId: 'TMDB id' }[field];
    await waitFor(() => expect(input()).toHaveAccessibleDescription(`${label}: This ${field} is wrong`));
    await user.type(input(), '1');
    expect(input()).toBeValid();
  });

  test('names the film that has the id already', async () => {
    refuse(
      '/movies',
      409,
      'id_conflict',
      'tmdbId belongs to film 16',
      { field: 'tmdbId', movieId: 16 },
      'post',
    );
    const { user } = open();

    await user.type(id(), '603{Enter}');

    expect(await screen.findByRole('link', { name: 'Show movie' })).toHaveAttribute(
      'href',
      '/media/movies/16/edit',
    );
    expect(id()).toHaveAccessibleDescription('tmdbId belongs to film 16');
  });

  test('says in its place what went wrong with no field', async () => {
    refuse('/movies', 500, 'bus_unavailable', 'The library does not answer', {}, 'post');
    const { user } = open();

    await user.type(title(), 'Heat{Enter}');

    expect(await screen.findByText('The library does not answer')).toBeVisible();
    expect(title()).toHaveValue('Heat');
  });
});

describe('a search at TMDB', () => {
  const candidate = (tmdbId: number, more: object = {}) => ({
    tmdbId,
    title: 'The Matrix',
    originalTitle: null,
    year: 1999,
    poster: null,
    overview: null,
    movieId: null,
    ...more,
  });

  async function search() {
    const shown = open();
    await shown.user.type(title(), 'matrix');
    await shown.user.type(year(), '1999');
    await shown.user.click(screen.getByRole('button', { name: 'Search TMDB' }));
    return shown;
  }

  test('needs a title', () => {
    open();

    const button = screen.getByRole('button', { name: 'Search TMDB' });

    expect(button).toBeDisabled();
    expect(button).toHaveAccessibleDescription('To search, enter a title.');
  });

  test('lists what it finds', async () => {
    const requests = answer('/candidates', {
      candidates: [
        candidate(603, {
          overview: 'A programmer learns',
          poster: 'https://image.tmdb.org/t/p/w342/abc.jpg',
        }),
        candidate(604, { title: 'Matrix', originalTitle: 'マトリックス', movieId: 16 }),
      ],
    });
    await search();

    const [first, second] = await screen.findAllByRole('listitem');
    if (!first || !second) throw new Error('Two were found');

    expect(new URL(requests[0]?.url ?? '').search).toBe('?title=matrix&year=1999');
    expect(within(first).getByText('The Matrix (1999)')).toBeVisible();
    expect(within(first).getByText('A programmer learns')).toBeVisible();
    await waitFor(() =>
      expect(first.querySelector('img')).toHaveAttribute('src', '/api/pictures/tmdb/abc.jpg?w=154'),
    );
    expect(within(second).getByText('マトリックス')).toBeVisible();
    expect(within(second).getByRole('link', { name: 'In your library: Matrix (1999)' })).toHaveAttribute(
      'href',
      '/media/movies/16/edit',
    );
  });

  test('adds the one that is chosen', async () => {
    answer('/candidates', { candidates: [candidate(603)] });
    const requests = answer('/movies', added(), 'post', 201);
    const { user } = await search();

    await user.click(await screen.findByRole('button', { name: 'Add The Matrix (1999)' }));

    expect(await screen.findByRole('link', { name: 'Added: The Matrix (1999)' })).toHaveAttribute(
      'href',
      '/media/movies/7/edit',
    );
    expect(await requests[0]?.json()).toMatchObject({ tmdbId: 603, title: 'The Matrix', year: 1999 });
  });

  test('says of the one that is chosen why it was not added', async () => {
    answer('/candidates', { candidates: [candidate(603)] });
    refuse('/movies', 500, 'bus_unavailable', 'The library does not answer', {}, 'post');
    const { user } = await search();

    await user.click(await screen.findByRole('button', { name: 'Add The Matrix (1999)' }));

    expect(await screen.findByText('The library does not answer')).toBeVisible();
  });

  test('says that it goes on', async () => {
    stayLoading('/candidates');
    await search();

    expect(await screen.findByText('Searching TMDB …')).toBeInTheDocument();
  });

  test.each([
    [[], 'No movie found'],
    [[candidate(603)], '1 movie found'],
    [[candidate(603, { overview: 'A programmer learns' }), candidate(604)], '2 movies found'],
  ])('announces how many it finds, and nothing else: %#', async (candidates, words) => {
    answer('/candidates', { candidates });
    const { container } = await search();

    const said = await screen.findByText(words);
    expect(said).toHaveAttribute('role', 'status');
    expect(
      screen.queryByText('A programmer learns')?.closest('[aria-live], [role=status]') ?? null,
    ).toBeNull();
    expect(container).not.toHaveTextContent('Searching');
  });

  test('that finds nothing says what to do', async () => {
    answer('/candidates', { candidates: [] });
    await search();

    expect(await screen.findByText('You can still add it as it is.')).toBeVisible();
  });

  test.each(['99', '1500', 'next'])('is not made for what is no year of a film: %s', async (typed) => {
    const { user } = open();
    await user.type(title(), 'matrix');
    await user.type(year(), typed);

    await user.click(screen.getByRole('button', { name: 'Search TMDB' }));

    expect(year()).toHaveAccessibleDescription(/^Expected a year from 1870 to 2200/);
    expect(year()).toBeInvalid();
  });

  test('says why it is not possible, and tries again', async () => {
    refuse('/candidates', 409, 'provider_off', 'TMDB has no key');
    const { user } = await search();

    expect(await screen.findByText('TMDB has no key')).toBeVisible();
    answer('/candidates', { candidates: [candidate(603)] });
    await user.click(screen.getByRole('button', { name: 'Retry' }));

    expect(await screen.findByText('The Matrix (1999)')).toBeVisible();
  });
});

describe('from a file', () => {
  const file = new File(['title\nHeat\n'], 'films.csv', { type: 'text/csv' });

  const row = (number: number, more: Partial<ImportedRow>): ImportedRow => ({
    row: number,
    result: 'added',
    movieId: null,
    title: `Movie ${number}`,
    field: null,
    reason: null,
    note: null,
    ...more,
  });

  const result = (rows: ImportedRow[]) => ({
    added: 1,
    unchanged: 2,
    conflict: 0,
    rejected: 1_500,
    rows,
    ignoredColumns: [] as string[],
    seq: 12,
  });

  async function choose() {
    const shown = open();
    await shown.user.click(screen.getByRole('tab', { name: 'From a file' }));
    await shown.user.upload(screen.getByLabelText('File with movies'), file);
    return shown;
  }

  async function importFile() {
    const shown = await choose();
    await shown.user.click(screen.getByRole('button', { name: 'Import' }));
    return shown;
  }

  test('a file is chosen before it is imported', async () => {
    const { user } = open();
    await user.click(screen.getByRole('tab', { name: 'From a file' }));
    expect(screen.getByRole('button', { name: 'Import' })).toBeDisabled();
    expect(screen.getByRole('button', { name: 'Import' })).toHaveAccessibleDescription(
      'Choose a file first.',
    );

    await user.upload(screen.getByLabelText('File with movies'), file);

    expect(screen.getByText('films.csv')).toBeVisible();
    expect(screen.getByRole('button', { name: 'Import' })).toBeEnabled();
  });

  test('an empty file is refused before it is sent', async () => {
    const { user } = open();
    await user.click(screen.getByRole('tab', { name: 'From a file' }));

    await user.upload(screen.getByLabelText('File with movies'), new File([], 'empty.csv'));

    expect(screen.getByText('This file is empty: it has no movies to import.')).toBeVisible();
    expect(screen.getByText(/^0 B/)).toBeVisible();
    expect(screen.getByRole('button', { name: 'Import' })).toBeDisabled();
  });

  test('while the answer is awaited it says what is imported', () => {
    show(<ImportSending file={file} />);

    expect(screen.getByText('Importing films.csv (11 B) …')).toBeVisible();
    const bar = screen.getByRole('progressbar', { name: 'Import' });
    expect(bar).not.toHaveAttribute('aria-valuenow');
  });

  test('a file can be dropped', async () => {
    const { user } = open();
    await user.click(screen.getByRole('tab', { name: 'From a file' }));
    const zone = screen.getByText('Drop a file here');

    fireEvent.dragOver(zone, { dataTransfer: { types: ['Files'] } });
    fireEvent.dragLeave(zone);
    fireEvent.drop(zone, { dataTransfer: { types: ['Files'], files: [file] } });

    expect(screen.getByText('films.csv')).toBeVisible();
  });

  test('a short list is answered with what became of its rows', async () => {
    answer(
      '/movies/import',
      result([
        row(1, { movieId: 5, note: 'IMDb id 12 read as tt0000012' }),
        row(2, { result: 'rejected', field: 'year', reason: 'expected a year' }),
        row(3, { result: 'conflict', movieId: 16, reason: 'imdbId belongs to film 16' }),
        row(4, { result: 'unchanged', note: 'The year was read from the title' }),
        row(5, { result: 'rejected', title: null, field: 'row', reason: 'too many values' }),
      ]),
      'post',
    );
    await importFile();

    expect(await screen.findByText('1,500')).toBeVisible();
    const rows = screen.getAllByRole('row').map((shown) => shown.textContent);
    expect(rows).toEqual([
      'Place in the fileMovie, reason and result',
      'Row 1Movie 1IMDb id 12 read as tt0000012Added, read differently',
      'Row 2Movie 2Year: expected a yearRejected',
      'Row 3Movie 3imdbId belongs to film 16Show the movie in the libraryConflict',
      'Row 4Movie 4The year was read from the titleUnchanged, read differently',
      'Row 5No titletoo many valuesRejected',
    ]);
    expect(screen.getByRole('link', { name: 'Movie 1' })).toHaveAttribute('href', '/media/movies/5/edit');
    expect(screen.getByRole('link', { name: 'Show the movie in the library' })).toHaveAttribute(
      'href',
      '/media/movies/16/edit',
    );
    expect(screen.getByRole('link', { name: 'Run now' })).toHaveAttribute('href', '/settings/general');
  });

  test('of many rows some are shown, and more on request', async () => {
    const rows = Array.from({ length: 150 }, (_, index) => row(index + 1, { result: 'rejected' }));
    answer('/movies/import', result(rows), 'post');
    const { user } = await importFile();
    expect(await screen.findByText('Movie 100')).toBeInTheDocument();
    expect(screen.queryByText('Movie 101')).toBeNull();

    await user.click(screen.getByRole('button', { name: 'Show more rows' }));

    expect(screen.getByText('Movie 150')).toBeInTheDocument();
    expect(screen.queryByRole('button', { name: 'Show more rows' })).toBeNull();
  });

  test.each([
    [['Shelf', 'Seen on'], 'Not read: Shelf, Seen on'],
    [Array.from('abcdefghijklmn'), 'Not read: a, b, c, d, e, f, g, h, i, j, k, l and 2 more'],
  ])('columns that nothing was read from are named', async (ignoredColumns, said) => {
    answer('/movies/import', { ...result([]), ignoredColumns }, 'post');
    await importFile();

    expect(await screen.findByText(said)).toBeVisible();
  });

  test('another file can be imported after one', async () => {
    answer('/movies/import', result([]), 'post');
    const { user } = await importFile();

    await user.click(await screen.findByRole('button', { name: 'Import another file' }));

    expect(screen.getByText('Drop a file here')).toBeVisible();
  });

  test.each([
    [415, 'unsupported_media_type', 'image/png is not understood here'],
    [413, 'body_too_large', 'The body is larger than 64 MB'],
    [400, 'invalid_file', 'The file is not UTF-8 (line 3); save it as UTF-8 and try again'],
  ])('what is wrong with the file is said as the server says it (%i)', async (status, code, error) => {
    refuse('/movies/import', status, code, error, {}, 'post');
    await importFile();

    expect(await screen.findByText(error)).toBeVisible();
    expect(screen.getByText('films.csv')).toBeVisible();
  });

  describe('with many rows', () => {
    const job = (more: Partial<Job>): Job => ({
      jobId: 40,
      kind: 'import',
      movieId: null,
      state: 'running',
      progress: 50,
      startedAt: null,
      completedAt: null,
      error: null,
      code: null,
      report: null,
      run: null,
      ...more,
    });
    const counts = { added: 9_999, unchanged: 0, conflict: 0, rejected: 150 };

    function playJob(...jobs: Job[]) {
      answer(
        '/movies/import',
        { jobId: 40, message: 'Import job queued', estimatedDuration: 5, ignoredColumns: ['Shelf'] },
        'post',
        202,
      );
      let asked = 0;
      server.use(
        http.get('/api/jobs/40', () => {
          const data = jobs[Math.min(asked, jobs.length - 1)];
          asked += 1;
          return HttpResponse.json({ success: true, data });
        }),
      );
    }

    test('waits for its turn', async () => {
      playJob(job({ state: 'queued', progress: 0 }));
      await importFile();

      expect(await screen.findByText('The import waits for its turn …')).toBeVisible();
      expect(screen.getByText(/goes on in the background/)).toBeVisible();
    });

    test('shows how far it is', async () => {
      playJob(job({ report: { processed: 5_000, total: 10_149, counts, rows: [], nextRowOffset: null } }));
      await importFile();

      expect(await screen.findByText('5,000 of 10,149 rows')).toBeVisible();
      expect(screen.getByRole('progressbar', { name: 'Import: 50%' })).toBeVisible();
    });

    test('shows its report when it has ended, a page at a time', async () => {
      answer(
        '/movies/import',
        { jobId: 40, message: 'Import job queued', estimatedDuration: 5, ignoredColumns: ['Shelf'] },
        'post',
        202,
      );
      server.use(
        http.get('/api/jobs/40', ({ request }) => {
          const offset = Number(new URL(request.url).searchParams.get('rowOffset') ?? 0);
          const rows = [row(offset + 1, { result: 'rejected' })];
          const nextRowOffset = offset === 0 ? 100 : null;
          const report = { processed: 10_149, total: 10_149, counts, rows, nextRowOffset };
          return HttpResponse.json({
            success: true,
            data: job({ state: 'completed', progress: 100, report }),
          });
        }),
      );
      const { user } = await importFile();

      expect(await screen.findByText('9,999')).toBeVisible();
      expect(screen.getByText('Not read: Shelf')).toBeVisible();
      await user.click(await screen.findByRole('button', { name: 'Show more rows' }));

      expect(await screen.findByText('Movie 101')).toBeVisible();
      expect(screen.getByText('Movie 1')).toBeVisible();
      expect(screen.queryByRole('button', { name: 'Show more rows' })).toBeNull();
    });

    test('says why it failed', async () => {
      playJob(job({ state: 'failed', error: 'The list is gone' }));
      await importFile();

      expect(await screen.findByText('The list is gone')).toBeVisible();
    });

    test('says that it was cancelled', async () => {
      playJob(job({ state: 'cancelled' }));
      await importFile();

      expect(await screen.findByText(/^The import was cancelled/)).toBeVisible();
    });

    test('says that its progress cannot be read', async () => {
      answer(
        '/movies/import',
        { jobId: 40, message: 'Import job queued', estimatedDuration: 5, ignoredColumns: ['Shelf'] },
        'post',
        202,
      );
      refuse('/jobs/40', 500, 'bus_unavailable', 'The library does not answer');
      await importFile();

      expect(await screen.findByText('The progress could not be read')).toBeVisible();
    });
  });
});
