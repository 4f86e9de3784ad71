import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';

import { show } from '@/test/render';
import { activity, activityPage, bulkStatus, currentRun, night } from '@/test/runs';
import { answer, refuse, stayLoading } from '@/test/server';
import { playSocket } from '@/test/socket';
import type { Activity } from '@/types/api';
import type { BulkEnrichmentStatus } from '@/types/enrichment';

import { LastActivityCard } from './LastActivityCard';

const socket = playSocket();
const HISTORY = '/activity/history';
const STATUS = '/enrichment/bulk-status';

function given(activities: Activity[], status: Partial<BulkEnrichmentStatus> = {}) {
  answer(HISTORY, activityPage(activities));
  answer(STATUS, bulkStatus(status));
  return show(<LastActivityCard />);
}

test('while it loads it says so', () => {
  stayLoading(HISTORY);
  stayLoading(STATUS);
  show(<LastActivityCard />);

  expect(screen.getByText('Loading activity …')).toBeInTheDocument();
});

test('each activity says in one line how it ended and what it did', async () => {
  given([activity({ stats: { totalMovies: 1523, processed: 1199, skipped: 323, failed: 1 } })]);

  const item = within(await screen.findByRole('listitem'));
  expect(item.getByText('Completed')).toBeVisible();
  expect(
    item.getByText('Processed: 1,199 / 1,523 movies · Skipped: 323 (already enriched) · Failed: 1'),
  ).toBeVisible();
  expect(item.getByTitle(/^Nov 2\d, 2025/)).toBeVisible();
});

test('what a run did not get to is not among what it has skipped', async () => {
  const stats = { totalMovies: 1729, processed: 60, skipped: 1669, failed: 0 };
  given([activity({ status: 'cancelled', stats, remaining: 1621 })]);

  expect(
    await screen.findByText(
      'Processed: 60 / 1,729 movies · Skipped: 48 (already enriched) · Failed: 0 · Remaining: 1,621',
    ),
  ).toBeVisible();
});

test('providers whose quota was used up are named', async () => {
  given([activity({ status: 'partial', rateLimitHit: true, rateLimitedProviders: ['omdb', 'tmdb'] })]);

  expect(await screen.findByText('Rate-limited providers: OMDB, TMDB')).toBeVisible();
});

test('a run that failed says why', async () => {
  given([activity({ status: 'failed', error: 'TMDB could not be reached' })]);

  expect(await screen.findByText('TMDB could not be reached')).toBeVisible();
});

test('nights that were left out say why', async () => {
  given([night('skipped', { id: 2, jobId: 890 }), night('missed', { id: 1 })]);

  expect(await screen.findByText('Left out: another run was going on')).toBeVisible();
  expect(screen.getByText('Left out: Metarr was not running at that time')).toBeVisible();
});

test('only the last few are shown, and the history has the rest', async () => {
  const { user, address } = given([9, 8, 7, 6, 5, 4].map((id) => activity({ id, jobId: id })));

  await waitFor(() => expect(screen.getAllByRole('listitem')).toHaveLength(4));
  await user.click(screen.getByRole('link', { name: 'View History' }));
  expect(address()).toBe('/activity/history?type=bulk_enrichment');
});

test('a run that goes on takes no place of an earlier one', async () => {
  const running = activity({ id: 9, jobId: 900, status: 'running', completedAt: null });
  const earlier = [8, 7, 6, 5, 4].map((id) => activity({ id, jobId: id }));
  given([running, ...earlier]);

  await waitFor(() => expect(screen.getAllByRole('listitem')).toHaveLength(5));
  expect(screen.getAllByText('Completed')).toHaveLength(4);
});

test('where nothing has happened it says so', async () => {
  given([]);

  expect(await screen.findByText('Nothing has happened yet.')).toBeVisible();
});

test('it says when the next run is due', async () => {
  given([], { nextRun: { scheduledAt: '2125-11-23T03:00:00Z', timeUntil: 100 } });

  expect(await screen.findByText(/Next run:/)).toHaveTextContent(/Next run: in \d+ years \(Nov 2\d, 2125/);
});

test('without a schedule it says that no run is due', async () => {
  given([]);

  expect(await screen.findByText('No run is scheduled')).toBeVisible();
});

test('a run that goes on shows how far it is, once', async () => {
  given([activity({ id: 9, jobId: 900, status: 'running', completedAt: null })], {
    currentRun: currentRun(),
  });

  expect(await screen.findByRole('progressbar', { name: 'Enriching library: 42%' })).toBeVisible();
  expect(screen.getByText('640 / 1,523 movies')).toBeVisible();
  expect(screen.getByText('Estimated remaining: 25 minutes')).toBeVisible();
  expect(screen.getByRole('link', { name: 'The Dark Knight (2008)' })).toHaveAttribute(
    'href',
    '/media/movies/155/edit',
  );
  expect(screen.queryByRole('listitem')).not.toBeInTheDocument();
});

test.each([
  [{ waiting: 'TMDB is down.', waitingUntil: null }, 'TMDB is down.'],
  [{ processedMovies: 0, progress: 0 }, 'Starting …'],
  [{ state: 'queued' as const }, 'It begins in a moment.'],
  [{ state: 'cancelling' as const }, 'It is being cancelled; movies at work are finished first.'],
])('a run that does not go on at full speed says why (%o)', async (run, reason) => {
  given([], { currentRun: currentRun(run) });

  expect(await screen.findByText(reason)).toBeVisible();
});

test('a run that waits says when it goes on', async () => {
  given([], { currentRun: currentRun({ waiting: 'TMDB is down.', waitingUntil: '2125-11-23T12:00:00Z' }) });

  expect(await screen.findByText(/^TMDB is down\. Tried again Nov 2\d, 2125/)).toBeVisible();
});

test('progress comes by itself', async () => {
  given([], { currentRun: currentRun() });
  await screen.findByText('640 / 1,523 movies');

  const { jobId, currentMovie, totalMovies, stats } = currentRun();
  socket.send({
    type: 'bulk:progress',
    jobId,
    seq: 101,
    progress: 50,
    processedMovies: 761,
    totalMovies,
    currentMovie,
    rateLimitedProviders: ['omdb'],
    stats,
    waiting: null,
    waitingUntil: null,
  });
  expect(await screen.findByText('761 / 1,523 movies')).toBeVisible();
  expect(screen.getByText('Rate-limited providers: OMDB')).toBeVisible();
});

test('a run that has ended appears among the activities by itself', async () => {
  const running = activity({ id: 9, jobId: 900, status: 'running', completedAt: null });
  given([running], { currentRun: currentRun() });
  await screen.findByRole('progressbar');

  answer(HISTORY, activityPage([{ ...running, status: 'cancelled' }]));
  answer(STATUS, bulkStatus());
  socket.send({
    type: 'bulk:complete',
    jobId: 900,
    seq: 102,
    status: 'cancelled',
    stats: { totalMovies: 1523, processed: 640, skipped: 883, failed: 0 },
    rateLimitHit: false,
    rateLimitedProviders: [],
    error: null,
  });
  expect(await screen.findByText('Cancelled')).toBeVisible();
  expect(screen.queryByRole('progressbar')).not.toBeInTheDocument();
});

test('what could not be loaded is said, and asked for again by Retry', async () => {
  answer(STATUS, bulkStatus());
  refuse(HISTORY, 500, 'database_error', 'Database error');
  const { user } = show(<LastActivityCard />);
  expect(await screen.findByText('Failed to load activity')).toBeVisible();

  answer(HISTORY, activityPage([activity()]));
  await user.click(screen.getByRole('button', { name: 'Retry' }));
  expect(await screen.findByText('Completed')).toBeVisible();
});
