import { screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { Link, Outlet } from 'react-router';
import { beforeEach, expect, test } from 'vitest';

import MoviesPage from '@/pages/MoviesPage';
import { showRoutes } from '@/test/render';
import { answer, server } from '@/test/server';
import { playSocket } from '@/test/socket';
import type { Job } from '@/types/api';

import { ImportWatch } from './ImportWatch';
import { moviePage, playList, playWidth } from './movies.fixture';

playSocket();
playWidth('table');

const RUNNING: Job = {
  jobId: 40,
  kind: 'import',
  movieId: null,
  state: 'running',
  progress: 50,
  startedAt: null,
  completedAt: null,
  error: null,
  code: null,
  report: {
    processed: 5_000,
    total: 10_149,
    counts: { added: 5_000, unchanged: 0, conflict: 0, rejected: 0 },
    rows: [],
    nextRowOffset: null,
  },
  run: null,
};

const ENDED: Job = {
  ...RUNNING,
  state: 'completed',
  progress: 100,
  report: {
    processed: 10_149,
    total: 10_149,
    counts: { added: 9_999, unchanged: 0, conflict: 0, rejected: 150 },
    rows: [],
    nextRowOffset: null,
  },
};

let job = RUNNING;

beforeEach(() => {
  job = RUNNING;
  answer(
    '/movies/import',
    { jobId: 40, message: 'Import job queued', estimatedDuration: 5, ignoredColumns: [] },
    'post',
    202,
  );
  server.use(http.get('/api/jobs/40', () => HttpResponse.json({ success: true, data: job })));
});

const showApp = (at: string) =>
  showRoutes(
    [
      {
        element: (
          <>
            <Link to="/elsewhere">Elsewhere</Link>
            <Link to="/media/movies">Movies</Link>
            <Outlet />
            <ImportWatch />
          </>
        ),
        children: [
          { path: '/media/movies', element: <MoviesPage /> },
          { path: '*', element: <h1>Elsewhere</h1> },
        ],
      },
    ],
    at,
  );

async function beginImport() {
  const shown = showApp('/media/movies?add=1');
  await shown.user.click(await screen.findByRole('tab', { name: 'From a file' }));
  await shown.user.upload(
    screen.getByLabelText('File with movies'),
    new File(['title\nHeat\n'], 'films.csv'),
  );
  await shown.user.click(screen.getByRole('button', { name: 'Import' }));
  await screen.findByText('5,000 of 10,149 rows');
  await shown.user.keyboard('{Escape}');
  return shown;
}

test('an import whose dialog was closed is shown over the list, and its end is told with the list read anew', async () => {
  const queries = playList(() => moviePage(0, 1));
  const { user } = await beginImport();
  expect(await screen.findByText('An import goes on')).toBeVisible();
  expect(screen.getByText(': 5,000 of 10,149 rows')).toBeVisible();
  const asked = queries.length;

  job = ENDED;

  // Once as a message, once over the list.
  await waitFor(() =>
    expect(screen.getAllByText('Import finished: 9,999 added, 150 rejected')).toHaveLength(2),
  );
  await waitFor(() => expect(queries.length).toBeGreaterThan(asked));
  await user.click(screen.getByRole('button', { name: 'Show report' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Add movies' }));
  expect(await dialog.findByText('9,999')).toBeVisible();
});

test('the end of an import is told on another page, and its report is there when one comes back', async () => {
  playList(() => moviePage(0, 1));
  const { user } = await beginImport();
  await user.click(await screen.findByRole('link', { name: 'Elsewhere' }));
  await screen.findByRole('heading', { name: 'Elsewhere' });

  job = ENDED;

  expect(await screen.findByText('Import finished: 9,999 added, 150 rejected')).toBeVisible();
  await user.click(screen.getByRole('link', { name: 'Movies' }));
  expect(await screen.findByRole('button', { name: 'Show report' })).toBeVisible();
});

test('an import is still known after the page was loaded again, until it is put aside', async () => {
  playList(() => moviePage(0, 1));
  const { unmount } = await beginImport();
  job = { ...ENDED, state: 'failed', error: 'The list is gone' };
  unmount();

  const { user } = showApp('/media/movies');
  expect(await screen.findByRole('button', { name: 'Show report' })).toBeVisible();
  expect(screen.getAllByText('The import failed: The list is gone')[0]).toBeVisible();
  const note = screen.getByRole('button', { name: 'Show report' }).parentElement;
  if (note) await user.click(within(note).getByRole('button', { name: 'Dismiss' }));

  expect(screen.queryByRole('button', { name: 'Show report' })).toBeNull();
  expect(sessionStorage).toHaveLength(0);
});
