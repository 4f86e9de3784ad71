import { act, screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { beforeEach, expect, test, vi } from 'vitest';

import { useShownJob } from '@/hooks/useShownJob';
import { show } from '@/test/render';
import { answer, refuse, server, stayLoading } from '@/test/server';
import { playSocket } from '@/test/socket';
import type { MovieDetails } from '@/types/api';
import type { MovieEnrichmentStatus } from '@/types/enrichment';
import type { EnrichmentComplete, EnrichmentProgress } from '@/types/live';
import { time } from '@/utils/format';

import { EnrichmentStatusSection } from './EnrichmentStatusSection';
import { aMissingField, aMovie, aProvider, aStatus, hoursAgo } from './testData';

const STATUS = '/movies/7/enrichment-status';
const ENRICH = '/movies/7/enrich';
const QUEUED = { jobId: 789, message: 'Enrichment job queued', estimatedDuration: 3 };

const PROGRESS: EnrichmentProgress = {
  type: 'enrichment:progress',
  movieId: 7,
  jobId: 789,
  progress: 33,
  currentProvider: 'omdb',
  providersComplete: ['tmdb'],
  providersRemaining: ['omdb', 'fanart'],
};

/** The end of the job that is begun here. */
const complete = (special: Partial<EnrichmentComplete> = {}): EnrichmentComplete => ({
  type: 'enrichment:complete',
  movieId: 7,
  jobId: 789,
  seq: 1,
  completeness: 85,
  partial: false,
  rateLimitedProviders: [],
  freshSince: null,
  ...special,
});

const socket = playSocket();
beforeEach(() => void vi.restoreAllMocks());

const identify = vi.fn();

function Section(special: Partial<MovieDetails>) {
  return <EnrichmentStatusSection movie={aMovie(special)} job={useShownJob(7)} onIdentify={identify} />;
}

function showSection(special: Partial<MovieEnrichmentStatus> = {}, movie: Partial<MovieDetails> = {}) {
  answer(STATUS, aStatus(special));
  return show(<Section {...movie} />);
}

const refreshButton = () => screen.findByRole('button', { name: 'Refresh Metadata' });
const subscribed = () =>
  waitFor(() => expect(socket.received).toContainEqual(expect.objectContaining({ movieId: 7 })));

test('while the status is loading a placeholder says so', async () => {
  stayLoading(STATUS);
  show(<Section />);

  expect(await screen.findByText('Loading the enrichment status …')).toBeInTheDocument();
});

test('a status that cannot be loaded can be asked for again', async () => {
  refuse(STATUS, 500, 'database_error', 'Database error');
  const { user } = show(<Section />);
  expect(await screen.findByText('Failed to load the enrichment status')).toBeInTheDocument();
  expect(screen.getByText('Database error')).toBeInTheDocument();

  answer(STATUS, aStatus());
  await user.click(screen.getByRole('button', { name: 'Retry' }));

  expect(await screen.findByText('Completeness: 85%')).toBeInTheDocument();
});

test('completeness, the last refresh and its duration are shown', async () => {
  showSection();

  expect(await screen.findByText('Completeness: 85%')).toBeInTheDocument();
  expect(screen.getByRole('progressbar', { name: 'Completeness: 85%' })).toHaveAttribute(
    'aria-valuenow',
    '85',
  );
  expect(screen.getByText(/^Last enriched:/)).toHaveTextContent('Last enriched: 2 days ago');
  expect(screen.getByText('Duration: 2.3 seconds')).toBeInTheDocument();
  expect(screen.queryByText(/Partial enrichment/)).not.toBeInTheDocument();
});

test('a film that was never enriched is said to be so', async () => {
  showSection({ completeness: 0, lastEnriched: null, enrichmentDuration: null });

  expect(await screen.findByText('Never enriched')).toBeInTheDocument();
  expect(screen.queryByText(/Duration/)).not.toBeInTheDocument();
});

test('a film without missing fields is said to have none', async () => {
  showSection({ completeness: 100, missingFields: [] });

  expect(await screen.findByText('No missing fields')).toBeInTheDocument();
});

test('a partial enrichment names the limited and the failed providers', async () => {
  showSection({
    partial: true,
    rateLimitedProviders: ['omdb'],
    providers: [
      aProvider('tmdb'),
      aProvider('omdb', { outcome: 'quota_exhausted' }),
      aProvider('fanart', { outcome: 'unavailable' }),
    ],
  });

  expect(await screen.findByText('Partial enrichment - some providers failed')).toBeInTheDocument();
  expect(screen.getByText('Rate-limited providers: OMDB')).toBeInTheDocument();
  expect(screen.getByText('Failed providers: Fanart')).toBeInTheDocument();
});

test('missing fields are listed with their providers, and can be folded away', async () => {
  const { user } = showSection({
    missingFields: [
      aMissingField({ field: 'tagline', displayName: 'Tagline', providers: ['tmdb'] }),
      aMissingField({ field: 'poster', displayName: 'Poster', providers: ['fanart', 'tmdb'] }),
    ],
  });
  const heading = await screen.findByRole('button', { name: 'Missing Fields (2):' });
  const items = screen.getAllByRole('listitem').map((item) => item.textContent);
  expect(items).toEqual(['Tagline (TMDB)', 'Poster (Fanart, TMDB)']);

  await user.click(heading);

  expect(heading).toHaveAttribute('aria-expanded', 'false');
  expect(screen.queryByRole('listitem')).not.toBeInTheDocument();
});

test.each([
  ['not_fetched', 'not fetched yet'],
  ['not_provided', 'OMDB has no value for it'],
  ['rate_limited', 'rate limited, will be fetched when the limit resets'],
  ['provider_error', 'the provider failed, will be tried again'],
  ['provider_off', 'no key, set METARR_OMDB_KEY'],
] as const)('why a field is missing (%s) is said in plain words', async (reason, words) => {
  showSection({ missingFields: [aMissingField({ reason })] });

  expect(await screen.findByText(words)).toBeInTheDocument();
});

test('of several providers the key of the one that is off is named', async () => {
  showSection({
    missingFields: [aMissingField({ reason: 'provider_off', providers: ['tmdb', 'omdb'] })],
    providers: [aProvider('tmdb'), aProvider('omdb', { outcome: 'off' }), aProvider('fanart')],
  });

  expect(await screen.findByText('no key, set METARR_OMDB_KEY')).toBeInTheDocument();
});

test('fields of a film that is not identified are missing for that reason', async () => {
  showSection({ identification: 'unidentified' });

  expect(await screen.findByText('it is not known which movie this is')).toBeInTheDocument();
});

test('a refresh is queued, shown live, and its outcome announced', async () => {
  const { user } = showSection();
  const requests = answer(ENRICH, QUEUED, 'post', 202);

  await user.click(await refreshButton());
  expect(await screen.findByText('Queued')).toBeInTheDocument();
  await expect(requests[0]?.json()).resolves.toEqual({ force: false });

  socket.send(PROGRESS);
  expect(await screen.findByText('Enriching metadata...')).toBeInTheDocument();
  expect(screen.getByText('Current provider: OMDB')).toBeInTheDocument();
  expect(screen.getByText('Providers completed: TMDB')).toBeInTheDocument();
  expect(screen.getByText('Providers remaining: OMDB, Fanart')).toBeInTheDocument();
  expect(screen.getByRole('progressbar', { name: 'Enriching metadata: 33%' })).toBeInTheDocument();

  answer(STATUS, aStatus({ completeness: 92 }));
  socket.send({
    type: 'enrichment:complete',
    movieId: 7,
    jobId: 789,
    seq: 1,
    completeness: 92,
    partial: false,
    rateLimitedProviders: [],
    freshSince: null,
  });

  expect(
    (await screen.findByText('Metadata refreshed: now 92% complete')).closest('[role=status]'),
  ).not.toBeNull();
  expect(await screen.findByText('Completeness: 92%')).toBeInTheDocument();
});

test('what the refresh does is announced politely, its percent is not', async () => {
  showSection();
  await subscribed();
  socket.send(PROGRESS);

  const announced = (await screen.findByText('Enriching metadata...')).closest('[aria-live]');
  expect(announced).toHaveAttribute('aria-live', 'polite');
  expect(announced).not.toHaveTextContent('33%');
});

test('whoever began a refresh keeps the focus at its button, from the start to the end', async () => {
  const { user } = showSection();
  answer(ENRICH, QUEUED, 'post', 202);
  const button = await refreshButton();
  button.focus();

  await user.keyboard('{Enter}');
  await screen.findByText('Queued');
  expect(button).toHaveFocus();
  expect(button).toHaveAttribute('aria-busy', 'true');

  answer(STATUS, aStatus({ missingFields: [] }));
  socket.send(complete());
  await screen.findByText('Metadata refreshed: now 85% complete');
  expect(button).toHaveFocus();
  expect(button).not.toHaveAttribute('aria-busy', 'true');
});

test.each([
  ['Retry', { type: 'enrichment:failed', error: 'All providers failed', code: 'all_providers_failed' }],
  ['Refresh anyway', { ...complete(), freshSince: hoursAgo(3) }],
] as const)('where %s has gone the focus stays in the section', async (name, end) => {
  const { user } = showSection();
  await subscribed();
  await refreshButton();
  socket.send({ movieId: 7, jobId: 789, seq: 1, ...end });
  answer(ENRICH, { ...QUEUED, jobId: 790 }, 'post', 202);

  (await screen.findByRole('button', { name })).focus();
  await user.keyboard('{Enter}');

  await screen.findByText('Queued');
  expect(screen.getByRole('heading', { name: 'Enrichment Status' })).toHaveFocus();
});

test('the end of a refresh is shown together with what it brought, and nothing goes meanwhile', async () => {
  showSection({ completeness: 0, lastEnriched: null });
  await subscribed();
  await screen.findByText('Never enriched');
  socket.send(PROGRESS);
  await screen.findByText('Current provider: OMDB');
  expect(screen.getByText('Never enriched')).toBeInTheDocument();
  let read: (() => void) | null = null;
  server.use(
    http.get(`/api${STATUS}`, async () => {
      await new Promise<void>((resolve) => (read = resolve));
      return HttpResponse.json({ success: true, data: aStatus({ completeness: 92 }) });
    }),
  );

  socket.send(complete({ completeness: 92 }));
  await waitFor(() => expect(read).not.toBeNull());
  expect(screen.getByText('Enriching metadata...')).toBeInTheDocument();
  expect(screen.queryByText(/Metadata refreshed/)).not.toBeInTheDocument();
  act(() => read?.());

  expect(await screen.findByText('Metadata refreshed: now 92% complete')).toBeInTheDocument();
  expect(screen.getByText('Completeness: 92%')).toBeInTheDocument();
  expect(screen.queryByText('Never enriched')).not.toBeInTheDocument();
});

test('what a person began is brought into view, its end too; what goes on by itself is not', async () => {
  const brought = vi.spyOn(Element.prototype, 'scrollIntoView');
  const { user } = showSection();
  await subscribed();
  await refreshButton();
  socket.send({ ...PROGRESS, jobId: 5 });
  await screen.findByText('Current provider: OMDB');
  socket.send(complete({ jobId: 5 }));
  await screen.findByText(/^Metadata refreshed/);
  expect(brought).not.toHaveBeenCalled();
  answer(ENRICH, QUEUED, 'post', 202);

  await user.click(await refreshButton());
  await screen.findByText('Queued');
  expect(brought).toHaveBeenCalledTimes(1);
  socket.send(complete());
  await screen.findByText(/^Metadata refreshed/);
  expect(brought).toHaveBeenCalledTimes(2);
  expect(brought).toHaveBeenLastCalledWith({ block: 'nearest' });
});

test('a refresh with providers that failed is one message, and no success', async () => {
  showSection();
  await subscribed();
  await refreshButton();
  answer(STATUS, aStatus({ completeness: 60, partial: true, rateLimitedProviders: ['omdb'] }));

  socket.send(complete({ completeness: 60, partial: true, rateLimitedProviders: ['omdb'] }));

  const told = await screen.findByText('Metadata refreshed: now 60% complete, some providers failed');
  expect(told.parentElement).toHaveTextContent('Rate-limited providers: OMDB');
  expect(screen.queryByText(/^Partial enrichment/)).not.toBeInTheDocument();
});

test.each([
  [{ imdbId: 'tt9999999', tmdbId: null }, 'No provider knows tt9999999. Check the id.'],
  [{ imdbId: null, tmdbId: 603 }, 'No provider knows TMDB id 603. Check the id.'],
  [{ imdbId: 'tt9999999', tmdbId: 603 }, 'No provider knows tt9999999 and TMDB id 603. Check the ids.'],
])('ids that no provider knows (%o) are no success, but are to be checked', async (ids, text) => {
  const notFound = { outcome: 'not_found' } as const;
  const { user } = showSection({}, ids);
  await subscribed();
  await refreshButton();
  const lastJob = { jobId: 789, state: 'completed', completedAt: hoursAgo(0), error: null } as const;
  const providers = [
    aProvider('tmdb', notFound),
    aProvider('omdb', notFound),
    aProvider('fanart', { outcome: 'off' }),
  ];
  answer(STATUS, aStatus({ completeness: 0, providers, lastJob }));

  socket.send(complete({ completeness: 0 }));

  expect(await screen.findByText(text)).toBeInTheDocument();
  expect(screen.queryByText(/^Metadata refreshed/)).not.toBeInTheDocument();
  await user.click(screen.getByRole('button', { name: 'Identify' }));
  expect(identify).toHaveBeenCalledOnce();
});

test('where one provider knows the film its id is not doubted', async () => {
  showSection({
    providers: [aProvider('tmdb'), aProvider('omdb', { outcome: 'not_found' })],
    lastJob: { jobId: 5, state: 'completed', completedAt: hoursAgo(1), error: null },
  });

  await refreshButton();
  expect(screen.queryByText(/^No provider knows/)).not.toBeInTheDocument();
});

/** Fields that are missing for the same reason, as many as are wanted. */
const missing = (length: number) =>
  Array.from({ length }, (_, index) => aMissingField({ field: `f${index}`, displayName: `Field ${index}` }));

test.each([
  [6, 'before', 6],
  [7, 'after', 7],
  [20, 'after', 6],
])('of %i missing fields the list comes %s the buttons, and shows %i', async (length, place, shown) => {
  showSection({ missingFields: missing(length) });

  const list = await screen.findByRole('button', { name: `Missing Fields (${length}):` });
  const following = list.compareDocumentPosition(await refreshButton()) & Node.DOCUMENT_POSITION_FOLLOWING;
  expect(following ? 'before' : 'after').toBe(place);
  expect(screen.getAllByRole('listitem')).toHaveLength(shown);
});

test('a folded list is opened by who wants to see it, its reason is said of all', async () => {
  const { user } = showSection({ missingFields: missing(20) });
  expect(await screen.findByText('OMDB has no value for them')).toBeInTheDocument();

  await user.click(screen.getByRole('button', { name: 'Show all 20' }));

  expect(screen.getAllByRole('listitem')).toHaveLength(20);
  await user.click(screen.getByRole('button', { name: 'Show fewer' }));
  expect(screen.getAllByRole('listitem')).toHaveLength(6);
});

test('a job that somebody else had begun is attached to', async () => {
  const { user } = showSection();
  refuse(
    ENRICH,
    409,
    'enrichment_in_progress',
    'Enrichment already in progress for this movie',
    { jobId: 789 },
    'post',
  );

  await user.click(await refreshButton());

  expect(await screen.findByRole('button', { name: 'Cancel' })).toBeInTheDocument();
});

test('a running job whose number is not known is waited for, and shown as soon as it is heard of', async () => {
  const { user } = showSection();
  refuse(ENRICH, 409, 'enrichment_in_progress', 'Enrichment already in progress for this movie', {}, 'post');

  await user.click(await refreshButton());
  expect(await screen.findByText('Enrichment already in progress for this movie')).toBeInTheDocument();

  socket.send(PROGRESS);
  expect(await screen.findByText('Current provider: OMDB')).toBeInTheDocument();
});

test('after too many refreshes the button waits, and says for how long', async () => {
  const { user } = showSection();
  server.use(
    http.post(`/api${ENRICH}`, () =>
      HttpResponse.json(
        { success: false, error: 'Too many manual enrichment requests', code: 'rate_limited' },
        { status: 429, headers: { 'Retry-After': '12' } },
      ),
    ),
  );

  await user.click(await refreshButton());

  await waitFor(async () => expect(await refreshButton()).toHaveAttribute('aria-disabled', 'true'));
  expect(await refreshButton()).toHaveAccessibleDescription(
    /Too many refreshes at once ?: possible again in 1[123] seconds/,
  );
});

test('a refresh that could not be started is said calmly and can be tried again', async () => {
  const { user } = showSection();
  refuse(ENRICH, 500, 'queue_unavailable', 'Failed to queue job', {}, 'post');
  await user.click(await refreshButton());
  expect(await screen.findByText('The refresh could not be started')).toBeInTheDocument();
  expect(screen.getByText('Failed to queue job')).toBeInTheDocument();

  answer(ENRICH, QUEUED, 'post', 202);
  await user.click(screen.getByRole('button', { name: 'Retry' }));

  expect(await screen.findByText('Queued')).toBeInTheDocument();
});

test('where everything is fresh it is said since when, and can be refreshed anyway', async () => {
  const { user } = showSection();
  await subscribed();
  await refreshButton();
  socket.send({
    type: 'enrichment:complete',
    movieId: 7,
    jobId: 789,
    seq: 1,
    completeness: 85,
    partial: false,
    rateLimitedProviders: [],
    freshSince: hoursAgo(3),
  });
  const told = await screen.findByText('All metadata is fresh');
  expect(told.parentElement).toHaveTextContent('All metadata is fresh: last fetched 3 hours ago');
  // The time moves on, and must not be read out each time that it does.
  expect(told).toHaveAttribute('role', 'status');
  expect(told.querySelector('time')).toBeNull();

  const requests = answer(ENRICH, { ...QUEUED, jobId: 790 }, 'post', 202);
  await user.click(screen.getByRole('button', { name: 'Refresh anyway' }));

  expect(await screen.findByText('Queued')).toBeInTheDocument();
  await expect(requests[0]?.json()).resolves.toEqual({ force: true });
});

test('a refresh that is cancelled keeps its button busy until it has ended', async () => {
  const { user } = showSection();
  await subscribed();
  socket.send(PROGRESS);
  answer('/jobs/789/cancel', { jobId: 789 }, 'post', 202);

  await user.click(await screen.findByRole('button', { name: 'Cancel' }));
  const button = await screen.findByRole('button', { name: 'Cancelling …' });
  expect(button).toHaveAttribute('aria-busy', 'true');
  await waitFor(() => expect(button).toHaveAttribute('aria-disabled', 'true'));

  socket.send({
    type: 'enrichment:failed',
    movieId: 7,
    jobId: 789,
    seq: 1,
    error: 'Enrichment cancelled',
    code: 'cancelled',
  });
  expect(await screen.findByText('The refresh was cancelled. Nothing was changed.')).toBeInTheDocument();
});

test('cancelling a job that has ended meanwhile is no error, its end is shown', async () => {
  const { user } = showSection();
  await subscribed();
  await refreshButton();
  socket.send(PROGRESS);
  refuse('/jobs/789/cancel', 409, 'job_ended', 'The job has already ended', {}, 'post');
  answer(
    STATUS,
    aStatus({ lastJob: { jobId: 789, state: 'completed', completedAt: hoursAgo(0), error: null } }),
  );

  await user.click(await screen.findByRole('button', { name: 'Cancel' }));

  expect(await screen.findByText('Metadata refreshed: now 85% complete')).toBeInTheDocument();
  expect(screen.queryByText(/could not be cancelled/)).not.toBeInTheDocument();
});

test('a cancel that failed is said, and can be tried again', async () => {
  const { user } = showSection();
  await subscribed();
  socket.send(PROGRESS);
  refuse('/jobs/789/cancel', 500, 'bus_unavailable', 'The library does not answer', {}, 'post');

  await user.click(await screen.findByRole('button', { name: 'Cancel' }));

  expect(await screen.findByText('The refresh could not be cancelled')).toBeInTheDocument();
  expect(screen.getByRole('button', { name: 'Cancel' })).toBeEnabled();
});

test('a refresh that failed says why, and can be tried again', async () => {
  const { user } = showSection();
  await subscribed();
  await refreshButton();
  socket.send({
    type: 'enrichment:failed',
    movieId: 7,
    jobId: 789,
    seq: 1,
    error: 'All providers failed',
    code: 'all_providers_failed',
  });
  expect(await screen.findByText('All providers failed')).toBeInTheDocument();

  answer(ENRICH, { ...QUEUED, jobId: 790 }, 'post', 202);
  await user.click(screen.getByRole('button', { name: 'Retry' }));

  expect(await screen.findByText('Queued')).toBeInTheDocument();
});

test.each([
  ['failed', 'All providers failed', 'All providers failed'],
  ['cancelled', null, /The last refresh was cancelled/],
] as const)('a last job that was %s before the page was opened is shown', async (state, error, text) => {
  showSection({ lastJob: { jobId: 5, state, completedAt: hoursAgo(1), error } });

  expect(await screen.findByText(text)).toBeInTheDocument();
});

test('a job whose end was missed is taken to have ended as the status says', async () => {
  showSection();
  await subscribed();
  socket.send(PROGRESS);
  await screen.findByText('Enriching metadata...');

  socket.send({
    type: 'subscribed',
    channel: 'movie:enrichment',
    movieId: 7,
    status: aStatus({
      lastJob: { jobId: 789, state: 'failed', completedAt: hoursAgo(0), error: 'All providers failed' },
    }),
  });

  expect(await screen.findByText('All providers failed')).toBeInTheDocument();
});

test('without a connection the job is asked for, and its end shown', async () => {
  showSection();
  await subscribed();
  socket.send(PROGRESS);
  await screen.findByText('Enriching metadata...');
  answer('/jobs/789', {
    jobId: 789,
    kind: 'enrichment',
    movieId: 7,
    state: 'completed',
    progress: 100,
    startedAt: hoursAgo(0),
    completedAt: hoursAgo(0),
    error: null,
    code: null,
    report: null,
    run: null,
  });

  socket.cut();

  expect(await screen.findByText('Metadata refreshed: now 85% complete')).toBeInTheDocument();
});

test('the status of each provider is shown on demand', async () => {
  answer('/enrichment/bulk-status', { nextRun: { scheduledAt: '2999-01-01T03:00:00Z', timeUntil: 1 } });
  const { user } = showSection({
    providers: [
      aProvider('tmdb'),
      aProvider('omdb', { outcome: 'quota_exhausted', message: 'Request limit reached!' }),
      aProvider('fanart', { outcome: 'off', fetchedAt: null }),
    ],
  });
  const opener = await screen.findByRole('button', { name: 'View Provider Status' });
  await user.click(opener);

  const dialog = await screen.findByRole('dialog', { name: 'Provider Status' });
  expect(within(dialog).getByText(/^TMDB/).parentElement).toHaveTextContent(
    'TMDB: Success (last fetched 3 hours ago)',
  );
  await waitFor(() =>
    expect(within(dialog).getByText(/^OMDB/).parentElement).toHaveTextContent(
      /OMDB: Rate limited \(will retry at .*2999/,
    ),
  );
  expect(dialog).toHaveTextContent('Fanart: Off: no keySet METARR_FANART_KEY');

  await user.keyboard('{Escape}');
  await waitFor(() => expect(opener).toHaveFocus());
});

test.each([
  ['not_found', null, /TMDB: Not found \(last asked 3 hours ago\)/],
  ['not_asked', null, /TMDB: Not asked yet/],
  ['unauthorized', 'Invalid API key', /TMDB: Failed: the key is refused.*Invalid API key/],
  ['unavailable', 'No answer within 10 seconds', /TMDB: Failed.*No answer within 10 seconds/],
] as const)('a provider that is %s is shown so', async (outcome, message, text) => {
  answer('/enrichment/bulk-status', { nextRun: null });
  const { user } = showSection({ providers: [aProvider('tmdb', { outcome, message })] });

  await user.click(await screen.findByRole('button', { name: 'View Provider Status' }));

  expect(await screen.findByRole('dialog')).toHaveTextContent(text);
});

test('a limit whose end is known is said with its time of day', async () => {
  answer('/enrichment/bulk-status', { nextRun: null });
  const limitedUntil = new Date(Date.now() + 3_600_000).toISOString();
  const { user } = showSection({ providers: [aProvider('omdb', { outcome: 'throttled', limitedUntil })] });

  await user.click(await screen.findByRole('button', { name: 'View Provider Status' }));

  expect(await screen.findByRole('dialog')).toHaveTextContent(/Rate limited \(will retry at \d+:\d\d/);
});

test.each([
  ['it comes after the limit has ended', 2, 3],
  ['the limit ends after it', 3, 2],
])(
  'a limited provider is asked again by the next run, or later where %s',
  async (_, limitHours, runHours) => {
    const now = Date.now();
    const inHours = (hours: number) => new Date(now + hours * 3_600_000).toISOString();
    answer('/enrichment/bulk-status', {
      nextRun: { scheduledAt: inHours(runHours), timeUntil: runHours * 3_600 },
    });
    const { user } = showSection({
      providers: [aProvider('omdb', { outcome: 'quota_exhausted', limitedUntil: inHours(limitHours) })],
    });

    await user.click(await screen.findByRole('button', { name: 'View Provider Status' }));

    const dialog = await screen.findByRole('dialog');
    await waitFor(() => expect(dialog).toHaveTextContent(`Rate limited (will retry at ${time(inHours(3))})`));
  },
);
