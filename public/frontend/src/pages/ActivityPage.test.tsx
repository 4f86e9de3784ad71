import { screen, waitFor, within } from '@testing-library/react';
import { run } from 'axe-core';
import { http, HttpResponse } from 'msw';
import { expect, test } from 'vitest';

import { show } from '@/test/render';
import { activity, activityPage, bulkStatus, currentRun, night } from '@/test/runs';
import { answer, refuse, server, stayLoading } from '@/test/server';
import { playSocket } from '@/test/socket';
import type { Activity, FailedMovie, Job } from '@/types/api';
import type { BulkEnrichmentStatus } from '@/types/enrichment';
import { time } from '@/utils/format';

import ActivityPage from './ActivityPage';

const socket = playSocket();
const HISTORY = '/activity/history';
const STATUS = '/enrichment/bulk-status';

function given(activities: Activity[], status: Partial<BulkEnrichmentStatus> = {}, type = 'bulk_enrichment') {
  answer(HISTORY, activityPage(activities));
  answer(STATUS, bulkStatus(status));
  return open(type);
}

const open = (type = 'bulk_enrichment') =>
  show(<ActivityPage />, { at: `/activity/history?type=${type}`, path: '/activity/history' });

const entries = () => screen.findAllByRole('button', { expanded: false });

/** Opens the only entry. */
async function details(shown: Activity) {
  const { user } = given([shown]);
  await user.click(await screen.findByRole('button', { expanded: false }));
  expect(screen.getByRole('button', { expanded: true })).toHaveFocus();
  return user;
}

const fact = (name: string) => screen.getByText(name, { selector: 'dt' }).nextElementSibling;

const LIMITED_AT = '2025-11-22T12:15:00Z';

const PARTIAL = activity({
  status: 'partial',
  trigger: 'schedule',
  scheduledFor: '2025-11-22T03:00:00Z',
  duration: 900,
  stats: { totalMovies: 1523, processed: 500, skipped: 1020, failed: 3 },
  remaining: 1000,
  rateLimitHit: true,
  rateLimitedProviders: ['omdb'],
  resumeFrom: { movieId: 77, position: 501, title: 'Heat' },
  providers: [
    { name: 'omdb', requests: 1500, found: 495, notFound: 2, failed: 3, limitedAt: LIMITED_AT },
    { name: 'tmdb', requests: 501, found: 499, notFound: 1, failed: 0, limitedAt: null },
  ],
});

const failedJob = (failures: FailedMovie[], nextRowOffset: number | null): Job => ({
  jobId: 890,
  kind: 'bulk',
  movieId: null,
  state: 'completed',
  progress: 100,
  startedAt: null,
  completedAt: null,
  error: null,
  code: 'partial',
  report: null,
  run: {
    status: 'partial',
    stats: { totalMovies: 1523, processed: 500, skipped: 1020, failed: 3, remaining: 0 },
    remaining: 1000,
    providers: [],
    resumeFrom: null,
    failures,
    nextRowOffset,
  },
});

const FIRST = { movieId: 1, title: 'Alien', error: 'OMDB did not answer' };
const SECOND = { movieId: 2, title: 'Aliens', error: 'OMDB did not answer in time' };

test('while it loads it says so', () => {
  stayLoading(HISTORY);
  stayLoading(STATUS);
  open();

  expect(screen.getByText('Loading activity …')).toBeInTheDocument();
});

test.each([
  [
    activity(),
    'Completed Manual run',
    'Processed: 1,200 / 1,523 movies · Skipped: 323 (already enriched) · Failed: 0',
  ],
  [PARTIAL, 'Partial Scheduled run', 'Rate-limited providers: OMDB'],
  [activity({ status: 'cancelled' }), 'Cancelled Manual run', 'Skipped: 323'],
  [activity({ status: 'failed', error: 'The bus was away' }), 'Failed Manual run', 'The bus was away'],
  [activity({ status: 'running', trigger: 'operator' }), 'Running Operator’s run', 'Failed: 0'],
  [activity({ force: true }), 'Completed Manual run (forced)', 'Failed: 0'],
  [night('skipped'), 'Skipped Scheduled run', 'Left out: another run was going on'],
  [night('missed'), 'Missed Scheduled run', 'Left out: Metarr was not running at that time'],
])('an entry says how it ended, what it was and what it did (%#)', async (shown, title, did) => {
  given([shown]);

  const entry = await screen.findByRole('button', { expanded: false });
  expect(entry.textContent.replace(/\s/g, '')).toContain(title.replace(/\s/g, ''));
  expect(entry).toHaveTextContent(did);
});

test('without anything it leads to the settings, where a run can be started', async () => {
  const { user, address } = given([]);

  expect(await screen.findByText('Nothing has happened yet')).toBeVisible();
  await user.click(screen.getByRole('link', { name: 'Go to Settings → Run Now' }));
  expect(address()).toBe('/settings/general');
});

test('an address without a type shows everything', async () => {
  answer(HISTORY, activityPage([activity()]));
  answer(STATUS, bulkStatus());
  show(<ActivityPage />, { at: '/activity/history', path: '/activity/history' });

  expect(await entries()).toHaveLength(1);
});

test('an unknown type is said calmly, and one click shows what there is', async () => {
  const { user, address } = given([activity()], {}, 'library_scan');

  expect(screen.getByText('No activity of this type')).toBeVisible();
  expect(screen.getByText('Metarr keeps no history of “library_scan”.')).toBeVisible();
  await user.click(screen.getByRole('link', { name: 'Show bulk enrichment' }));
  expect(address()).toBe('/activity/history?type=bulk_enrichment');
  expect(await entries()).toHaveLength(1);
});

test('what could not be loaded is said, and asked for again by Retry', async () => {
  answer(STATUS, bulkStatus());
  refuse(HISTORY, 500, 'database_error', 'Database error');
  const { user } = open();
  expect(await screen.findByText('Failed to load activity')).toBeVisible();

  answer(HISTORY, activityPage([activity()]));
  await user.click(screen.getByRole('button', { name: 'Retry' }));
  expect(await entries()).toHaveLength(1);
});

test('more is loaded by request, until there is no more', async () => {
  answer(STATUS, bulkStatus());
  answer(HISTORY, activityPage([activity({ id: 3 })], 'older', 2));
  const { user } = open();
  expect(await screen.findByText('1 of 2 entries')).toBeVisible();

  const requests = answer(HISTORY, activityPage([night('missed')], null, 2));
  await user.click(screen.getByRole('button', { name: 'Load more' }));
  expect(await screen.findByText('2 of 2 entries')).toHaveFocus();
  expect(await entries()).toHaveLength(2);
  expect(screen.queryByRole('button', { name: 'Load more' })).not.toBeInTheDocument();
  expect(new URL(requests[0]?.url ?? '').searchParams.get('cursor')).toBe('older');
});

test('entries stay when more could not be loaded', async () => {
  answer(STATUS, bulkStatus());
  answer(HISTORY, activityPage([activity({ id: 3 })], 'older', 2));
  const { user } = open();
  await screen.findByText('1 of 2 entries');

  refuse(HISTORY, 500, 'database_error', 'Database error');
  await user.click(screen.getByRole('button', { name: 'Load more' }));
  expect(await screen.findByText('Failed to load more activity')).toBeVisible();
  expect(await entries()).toHaveLength(1);

  answer(HISTORY, activityPage([night('missed')], null, 2));
  await user.click(screen.getByRole('button', { name: 'Retry' }));
  expect(await screen.findByText('2 of 2 entries')).toBeVisible();
});

test('the details say what started a run, when, and what became of its movies', async () => {
  answer('/jobs/890', failedJob([], null));
  await details(PARTIAL);

  expect(fact('Trigger')).toHaveTextContent('Started by the schedule');
  expect(fact('Forced')).toHaveTextContent('No');
  expect(fact('Scheduled for')).toHaveTextContent('Nov 2');
  expect(fact('Started')).toHaveTextContent('Nov 2');
  expect(fact('Completed')).toHaveTextContent('Nov 2');
  expect(fact('Duration')).toHaveTextContent('15 minutes');
  expect(fact('Processed')).toHaveTextContent('500 / 1,523 movies');
  expect(fact('Skipped')).toHaveTextContent('20 (already enriched)');
  expect(fact('Remaining')).toHaveTextContent('1,000');
  expect(fact('Failed')).toHaveTextContent('3');
});

test('the details of a forced run by hand say so', async () => {
  await details(activity({ force: true }));

  expect(fact('Trigger')).toHaveTextContent('Started by hand');
  expect(fact('Forced')).toHaveTextContent('Yes, every movie was asked anew');
  expect(fact('Skipped')).toHaveTextContent('323 (already enriched)');
  expect(screen.queryByText('Scheduled for')).not.toBeInTheDocument();
});

test('the details say where the next run continues', async () => {
  answer('/jobs/890', failedJob([], null));
  await details(PARTIAL);

  expect(screen.getByText(/Next run continues from movie #501/)).toHaveTextContent('#501 · Heat');
  expect(screen.getByRole('link', { name: 'Heat' })).toHaveAttribute('href', '/media/movies/77/edit');
});

test('the details say what each provider did', async () => {
  answer('/jobs/890', failedJob([], null));
  await details(PARTIAL);

  const lines = within(screen.getByRole('list', { name: 'Providers of the run' })).getAllByRole('listitem');
  expect(lines.map((line) => line.textContent)).toEqual([
    `OMDB: Rate limit hit at ${time(LIMITED_AT)}Requests:1,500Found:495Not found:2Movies without an answer:3`,
    'TMDB: All requests successfulRequests:501Found:499Not found:1Movies without an answer:0',
  ]);
});

test('movies that failed are listed with the reason, a page at a time', async () => {
  server.use(
    http.get('/api/jobs/890', ({ request }) => {
      const isFirst = new URL(request.url).searchParams.get('rowOffset') === null;
      const data = isFirst ? failedJob([FIRST], 1) : failedJob([SECOND], null);
      return HttpResponse.json({ success: true, data });
    }),
  );
  const user = await details(PARTIAL);

  const failed = within(await screen.findByRole('region', { name: 'Failed movies' }));
  expect(await failed.findByRole('link', { name: 'Alien' })).toHaveAttribute('href', '/media/movies/1/edit');
  expect(failed.getByText('OMDB did not answer')).toBeVisible();
  expect(failed.getByText('1 of 3 failed movies')).toBeVisible();
  await user.click(failed.getByRole('button', { name: 'Load more' }));
  expect(await failed.findByRole('link', { name: 'Aliens' })).toBeVisible();
  expect(failed.getByText('2 of 3 failed movies')).toHaveFocus();
});

test('failed movies that could not be loaded are asked for again by Retry', async () => {
  refuse('/jobs/890', 500, 'database_error', 'Database error');
  const user = await details(PARTIAL);
  expect(await screen.findByText('Failed to load the failed movies')).toBeVisible();

  answer('/jobs/890', failedJob([FIRST], null));
  await user.click(screen.getByRole('button', { name: 'Retry' }));
  expect(await screen.findByRole('link', { name: 'Alien' })).toBeVisible();
});

test('failed movies are asked for only when an entry is opened', async () => {
  const requests = answer('/jobs/890', failedJob([FIRST], null));
  given([PARTIAL]);

  await entries();
  expect(requests).toHaveLength(0);
});

test('the details of a night that was left out say when it was due and what was going on', async () => {
  await details(night('skipped', { jobId: 890 }));

  expect(fact('Scheduled for')).toHaveTextContent('Nov 2');
  expect(fact('Noted')).toHaveTextContent('Nov 21');
  expect(fact('Run that was going on')).toHaveTextContent('Job 890');
  expect(screen.queryByText('Processed')).not.toBeInTheDocument();
});

test('an opened entry closes again by the keyboard', async () => {
  const user = await details(activity());

  await user.keyboard('{Enter}');
  expect(await entries()).toHaveLength(1);
});

test('a run that goes on shows its progress, live', async () => {
  const running = activity({ jobId: 900, status: 'running', completedAt: null, duration: null });
  const { user } = given([running], {
    currentRun: currentRun({ stats: { ...currentRun().stats, failed: 0 } }),
  });
  expect(await screen.findByRole('progressbar', { name: 'Enriching library: 42%' })).toBeVisible();

  await user.click(screen.getByRole('button', { expanded: false }));
  expect(fact('Completed')).toHaveTextContent('Not yet');
  expect(fact('Processed')).toHaveTextContent('600 / 1,523 movies');
});

test('a run that waits in the queue is shown before it has begun', async () => {
  given([activity()], { currentRun: currentRun({ state: 'queued', progress: 0 }) });

  expect(await screen.findByText('A run is queued')).toBeVisible();
  expect(await entries()).toHaveLength(1);
});

test('a run that begins appears by itself', async () => {
  given([activity()]);
  expect(await entries()).toHaveLength(1);

  answer(HISTORY, activityPage([activity({ id: 5000, jobId: 900, status: 'running' }), activity()]));
  await waitFor(() =>
    expect(socket.received).toContainEqual({ type: 'subscribe', channel: 'bulk:enrichment' }),
  );
  socket.send({
    type: 'subscribed',
    channel: 'bulk:enrichment',
    movieId: null,
    status: bulkStatus({ currentRun: currentRun() }),
  });
  expect(await screen.findByText('Running')).toBeVisible();
  expect(await entries()).toHaveLength(2);
});

test('all of it can be used with every aid', async () => {
  answer('/jobs/890', failedJob([FIRST], null));
  const { user, container } = given([PARTIAL, night('missed')], { currentRun: currentRun() });
  await user.click(await screen.findByRole('button', { name: /^Partial/ }));
  await screen.findByRole('link', { name: 'Alien' });

  expect((await run(container)).violations).toEqual([]);
});
