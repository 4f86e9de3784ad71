import { screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { describe, expect, test } from 'vitest';

import { show } from '@/test/render';
import { answer, refuse, server, stayLoading } from '@/test/server';
import { playSocket } from '@/test/socket';
import type { ProviderState } from '@/types/api';
import type { BulkEnrichmentStatus } from '@/types/enrichment';
import { dateTime, time } from '@/utils/format';

import { BulkEnrichmentCard } from './BulkEnrichmentCard';
import { bulkStatus, currentRun, lastRun, limitedRun } from './bulkStatus.fixture';

const STATUS = '/enrichment/bulk-status';
const socket = playSocket();

/** Shows the card while the API says this. */
function showCard(status: BulkEnrichmentStatus) {
  answer(STATUS, { ...status });
  return show(<BulkEnrichmentCard />);
}

/** The value beside a label. */
const fact = async (label: string) => {
  const [term] = await screen.findAllByText(label, { selector: 'dt' });
  return term?.nextElementSibling;
};

/** The dialog of Run Now, with the quotas known of OMDB. */
async function openDialog(status = bulkStatus(), omdb: Partial<ProviderState> = {}) {
  answer('/rules', { onQuota: 'stop' });
  answer('/providers/status', {
    providers: [
      {
        name: 'omdb',
        state: 'on',
        since: null,
        until: null,
        reason: null,
        requestsToday: 640,
        remaining: 360,
        ...omdb,
      },
    ],
  });
  const shown = showCard(status);
  await shown.user.click(await screen.findByRole('button', { name: 'Run Now' }));
  return { ...shown, dialog: within(await screen.findByRole('dialog', { name: 'Run Now' })) };
}

describe('before there is anything to show', () => {
  test('it says that it loads', async () => {
    stayLoading(STATUS);
    show(<BulkEnrichmentCard />);

    expect(await screen.findByText('Loading bulk enrichment status …')).toBeInTheDocument();
    expect(screen.getByRole('heading', { name: 'Bulk Metadata Enrichment' })).toBeInTheDocument();
  });

  test('what could not be loaded is loaded by Retry', async () => {
    refuse(STATUS, 500, 'database_error', 'Database error');
    const { user } = show(<BulkEnrichmentCard />);
    expect(await screen.findByText('Failed to load bulk enrichment status')).toBeInTheDocument();
    answer(STATUS, { ...bulkStatus() });

    await user.click(screen.getByRole('button', { name: 'Retry' }));

    expect(await fact('Scheduled Run')).toHaveTextContent('Daily at 3:00 AM');
  });
});

describe('while nothing runs', () => {
  test('it says when runs are due, and how the last one ended', async () => {
    showCard(bulkStatus({ lastRun: lastRun() }));

    expect(await fact('Scheduled Run')).toHaveTextContent('Daily at 3:00 AM');
    expect(await fact('Next run')).toHaveTextContent('in 22 hours');
    expect(await fact('Last Run')).toHaveTextContent(dateTime('2025-11-22T03:00:00Z'));
    expect(await fact('Status')).toHaveTextContent('Completed');
    expect(await fact('Processed')).toHaveTextContent('1,200 / 1,523 movies');
    expect(await fact('Skipped')).toHaveTextContent('323 (already enriched)');
    expect(await fact('Failed')).toHaveTextContent('0');
    expect(await fact('Duration')).toHaveTextContent('45 minutes');
    expect(screen.queryByText('Remaining')).not.toBeInTheDocument();
  });

  test('before the first run it says what a run does', async () => {
    showCard(bulkStatus());

    expect(await screen.findByText(/^No run yet/)).toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Run Now' })).toBeEnabled();
  });

  test('without a schedule it says how to set one', async () => {
    showCard(bulkStatus({ schedule: null, nextRun: null }));

    expect(await fact('Scheduled Run')).toHaveTextContent(/Schedule is off.*METARR_SCHEDULE/);
    expect(screen.queryByText('Next run')).not.toBeInTheDocument();
  });

  test('a run whose time has come is due', async () => {
    showCard(bulkStatus({ nextRun: { scheduledAt: '2025-11-22T03:00:00Z', timeUntil: 0 } }));

    expect(await fact('Next run')).toHaveTextContent('due now');
  });

  test('an empty library has nothing to run, and the reason is said', async () => {
    showCard(bulkStatus({ totalMovies: 0 }));

    const button = await screen.findByRole('button', { name: 'Run Now' });
    expect(button).toBeDisabled();
    expect(button).toHaveAccessibleDescription(/There are no movies to enrich yet/);
    expect(screen.getByRole('link', { name: 'Add some first' })).toHaveAttribute('href', '/media/movies');
  });

  test('View History leads to the runs of the past', async () => {
    const { user, address } = showCard(bulkStatus());

    await user.click(await screen.findByRole('link', { name: 'View History' }));

    expect(address()).toBe('/activity/history?type=bulk_enrichment');
  });
});

describe('after a run that a rate limit has stopped', () => {
  test('it says whose limit, what remains and where the next run goes on', async () => {
    showCard(bulkStatus({ lastRun: limitedRun() }));

    expect(await fact('Status')).toHaveTextContent('Partial (Rate Limit Hit)');
    expect(screen.getByText('OMDB rate limit reached - stopped early')).toBeInTheDocument();
    expect(await fact('Processed')).toHaveTextContent('500 / 1,523 movies');
    expect(await fact('Remaining')).toHaveTextContent(/^1,023 \(will retry (today|tomorrow)\)$/);
    expect(await fact('Duration')).toHaveTextContent('15 minutes');
    expect(await fact('Next run')).toHaveTextContent('in 22 hours(Will continue from movie #501)');
    expect(await fact('Skipped')).toHaveTextContent(/^0$/);
  });

  test('what was fresh is no part of what remains', async () => {
    showCard(bulkStatus({ lastRun: limitedRun({ remaining: 900 }) }));

    expect(await fact('Remaining')).toHaveTextContent(/^900 /);
    expect(await fact('Skipped')).toHaveTextContent('123 (already enriched)');
  });

  test('a run that went on without the provider did not stop early', async () => {
    showCard(bulkStatus({ lastRun: limitedRun({ remaining: 0 }) }));

    expect(await screen.findByText('OMDB rate limit reached - went on without it')).toBeInTheDocument();
    expect(screen.queryByText(/Will continue/)).not.toBeInTheDocument();
    expect(screen.queryByText('Remaining')).not.toBeInTheDocument();
  });

  test('View Details shows what each provider did, and hides it again', async () => {
    const { user } = showCard(bulkStatus({ lastRun: limitedRun() }));

    await user.click(await screen.findByRole('button', { name: 'View Details' }));

    const [tmdb, omdb, fanart] = screen.getAllByRole('listitem');
    expect(tmdb).toHaveTextContent(
      'TMDB: All requests successfulRequests:500Found:495Not found:5Movies without an answer:0',
    );
    expect(omdb).toHaveTextContent(`OMDB: Rate limit hit at ${time('2025-11-22T03:15:00Z')}`);
    expect(fanart).toHaveTextContent('Fanart: No answer for 2 movies');
    await user.click(screen.getByRole('button', { name: 'Hide Details' }));
    expect(screen.queryByRole('listitem')).not.toBeInTheDocument();
  });
});

describe('after a run that ended otherwise', () => {
  test('a failed run says why, and that its movies are tried again', async () => {
    const stats = { totalMovies: 10, processed: 5, skipped: 2, failed: 3 };
    showCard(bulkStatus({ lastRun: lastRun({ status: 'failed', stats, error: 'All providers failed' }) }));

    expect(await fact('Status')).toHaveTextContent('Failed');
    expect(screen.getByText('All providers failed')).toBeInTheDocument();
    expect(screen.getByText('They are tried again by the next run')).toBeInTheDocument();
  });

  test('a partial run without a rate limit names its own reason', async () => {
    showCard(bulkStatus({ lastRun: limitedRun({ rateLimitHit: false, error: 'TMDB does not answer' }) }));

    expect(await fact('Status')).toHaveTextContent(/^Partial$/);
    expect(screen.getByText('TMDB does not answer')).toBeInTheDocument();
  });

  test('a cancelled run says where the next one goes on', async () => {
    showCard(
      bulkStatus({
        nextRun: null,
        lastRun: limitedRun({ status: 'cancelled', rateLimitHit: false, rateLimitedProviders: [] }),
      }),
    );

    expect(await fact('Status')).toHaveTextContent('Cancelled');
    expect(await fact('Remaining')).toHaveTextContent('1,023 (will be tried by the next run)');
  });
});

describe('while a run goes on', () => {
  test('it says how far it is', async () => {
    showCard(bulkStatus({ currentRun: currentRun() }));

    expect(await screen.findByText('Enriching library...')).toBeInTheDocument();
    expect(screen.getByRole('progressbar', { name: 'Enriching library: 42%' })).toHaveAttribute(
      'aria-valuenow',
      '42',
    );
    expect(await fact('Progress')).toHaveTextContent('640 / 1,523 movies');
    expect(await fact('Current')).toHaveTextContent('The Dark Knight (2008)');
    expect(await fact('Elapsed')).toHaveTextContent('18 minutes');
    expect(await fact('Estimated remaining')).toHaveTextContent('25 minutes');
    expect(screen.queryByRole('button', { name: 'Run Now' })).not.toBeInTheDocument();
  });

  test('no other percentage is read out than is shown', async () => {
    const { container } = showCard(bulkStatus({ currentRun: currentRun() }));

    await screen.findByText('Enriching library...');
    expect(new Set(container.textContent.match(/\d+%/g))).toEqual(new Set(['42%']));
  });

  test('until it has looked at a movie it is starting', async () => {
    showCard(bulkStatus({ currentRun: currentRun({ progress: 0, processedMovies: 0 }) }));

    expect(await screen.findAllByText('Starting …')).not.toHaveLength(0);
    expect(screen.queryByText('Enriching library...')).not.toBeInTheDocument();
    expect(await fact('Current')).toHaveTextContent('—');
  });

  test('it says what it waits for, and until when', async () => {
    const waitingUntil = new Date(Date.now() + 250_000).toISOString();
    showCard(
      bulkStatus({
        currentRun: currentRun({ waiting: 'TMDB does not answer', waitingUntil, estimatedRemaining: null }),
      }),
    );

    const note = await screen.findByText('TMDB does not answer');
    expect(note.parentElement).toHaveTextContent('TMDB does not answer (in 4 minutes)');
    // The time moves on, and must not be read out each time that it does.
    expect(note).toHaveAttribute('role', 'status');
    expect(note.querySelector('time')).toBeNull();
    expect(await fact('Estimated remaining')).toHaveTextContent('Not known yet');
  });

  test('it names the providers whose limit is reached', async () => {
    showCard(bulkStatus({ currentRun: currentRun({ rateLimitedProviders: ['omdb', 'fanart'] }) }));

    expect(await screen.findByText('OMDB, Fanart rate limit reached')).toBeInTheDocument();
  });

  test('a run that nobody has begun yet waits to begin', async () => {
    const currentMovie = { id: 0, title: '', year: null };
    showCard(bulkStatus({ currentRun: currentRun({ state: 'queued', progress: 0, currentMovie }) }));

    expect(await screen.findAllByText('Waiting to begin ...')).not.toHaveLength(0);
    expect(await fact('Current')).toHaveTextContent('—');
  });

  test('live messages move it on, and its end shows the result', async () => {
    const { container } = showCard(bulkStatus({ currentRun: currentRun() }));
    await screen.findByText('Enriching library...');
    await waitFor(() =>
      expect(socket.received).toContainEqual({ type: 'subscribe', channel: 'bulk:enrichment' }),
    );

    socket.send({
      type: 'bulk:progress',
      ...currentRun({
        progress: 50,
        processedMovies: 762,
        currentMovie: { id: 763, title: 'アキラ', year: 1988 },
        seq: 4801,
      }),
    });

    await waitFor(async () => expect(await fact('Progress')).toHaveTextContent('762 / 1,523 movies'));
    expect(await fact('Current')).toHaveTextContent('アキラ');
    answer(STATUS, { ...bulkStatus({ lastRun: lastRun({ jobId: 901 }) }) });
    socket.send({
      type: 'bulk:complete',
      jobId: 901,
      seq: 4802,
      status: 'completed',
      stats: lastRun().stats,
      rateLimitHit: false,
      rateLimitedProviders: [],
      error: null,
    });
    expect(await screen.findByText('Completed')).toBeInTheDocument();
    expect(container).not.toHaveTextContent('Enriching library...');
  });

  test('Cancel asks for the end once, and is busy until it has come; the focus stays in the card', async () => {
    const cancelled = answer('/jobs/901/cancel', { jobId: 901 }, 'post', 202);
    const { user, client } = showCard(bulkStatus({ currentRun: currentRun() }));

    await user.click(await screen.findByRole('button', { name: 'Cancel' }));

    const busy = await screen.findByRole('button', { name: 'Cancelling …' });
    expect(busy).toHaveAttribute('aria-busy', 'true');
    expect(busy).toHaveAttribute('aria-disabled', 'true');
    expect(busy).toHaveFocus();
    await waitFor(() => expect(cancelled).toHaveLength(1));
    answer(STATUS, { ...bulkStatus({ lastRun: lastRun({ jobId: 901, status: 'cancelled' }) }) });
    await client.invalidateQueries();
    expect(await screen.findByText('Cancelled')).toBeInTheDocument();
    expect(screen.getByRole('heading', { name: 'Bulk Metadata Enrichment' })).toHaveFocus();
  });

  test('a cancel that came too late shows the end, and no error', async () => {
    refuse('/jobs/901/cancel', 409, 'job_ended', 'The job has already ended', {}, 'post');
    const { user } = showCard(bulkStatus({ currentRun: currentRun() }));
    const button = await screen.findByRole('button', { name: 'Cancel' });
    answer(STATUS, { ...bulkStatus({ lastRun: lastRun({ jobId: 901 }) }) });

    await user.click(button);

    expect(await screen.findByText('Completed')).toBeInTheDocument();
    expect(screen.queryByText('The job has already ended')).not.toBeInTheDocument();
  });

  test('a cancel that could not be asked for says so and can be tried again', async () => {
    refuse('/jobs/901/cancel', 500, 'bus_unavailable', 'The library does not answer', {}, 'post');
    const { user } = showCard(bulkStatus({ currentRun: currentRun() }));

    await user.click(await screen.findByRole('button', { name: 'Cancel' }));

    expect(await screen.findByText('The library does not answer')).toBeInTheDocument();
    expect(await screen.findByRole('button', { name: 'Cancel' })).toBeEnabled();
  });

  test('a run that somebody else has cancelled says so', async () => {
    showCard(bulkStatus({ currentRun: currentRun({ state: 'cancelling' }) }));

    expect(await screen.findByRole('button', { name: 'Cancelling …' })).toHaveAttribute(
      'aria-disabled',
      'true',
    );
  });
});

describe('Run Now', () => {
  test('asks first, and says what it means', async () => {
    const { dialog, user } = await openDialog();

    expect(dialog.getByText('This will enrich all 1,523 movies. Continue?')).toBeInTheDocument();
    expect(dialog.getByText('It takes about 45 minutes, in the background.')).toBeInTheDocument();
    const everybody = dialog.getByRole('checkbox', { name: 'Ask again even where answers are fresh' });
    await user.click(everybody);
    expect(dialog.getByText('It takes about 1 hour, in the background.')).toBeInTheDocument();
    await user.click(everybody);
    expect(await dialog.findByText(/360 requests at OMDB/)).toBeInTheDocument();
    await user.click(dialog.getByRole('button', { name: 'Not now' }));
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Run Now' })).toHaveFocus();
  });

  test.each([false, true])('starts the run (asking again where fresh: %s) and shows it', async (force) => {
    const started = answer(
      '/enrichment/bulk-run',
      { jobId: 901, message: 'Bulk enrichment job started', estimatedDuration: 2700 },
      'post',
      202,
    );
    const { dialog, user } = await openDialog();
    answer(STATUS, { ...bulkStatus({ currentRun: currentRun({ progress: 0, state: 'queued' }) }) });
    if (force) {
      await user.click(dialog.getByRole('checkbox', { name: 'Ask again even where answers are fresh' }));
    }

    await user.click(dialog.getByRole('button', { name: 'Continue' }));

    expect(await screen.findByRole('button', { name: 'Cancel' })).toBeInTheDocument();
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
    expect(await started[0]?.json()).toEqual({ force });
  });

  test('a run that goes on already is shown calmly', async () => {
    const error = 'Bulk enrichment already running';
    refuse('/enrichment/bulk-run', 409, 'bulk_already_running', error, { jobId: 901 }, 'post');
    const { dialog, user } = await openDialog();
    answer(STATUS, { ...bulkStatus({ currentRun: currentRun() }) });

    await user.click(dialog.getByRole('button', { name: 'Continue' }));

    expect(await screen.findByText('Enriching library...')).toBeInTheDocument();
    expect(await screen.findByText('A run goes on already; this is how far it is.')).toBeInTheDocument();
    expect(screen.queryByText(error)).not.toBeInTheDocument();
  });

  test('a run that is started too soon says when it may be', async () => {
    server.use(
      http.post('/api/enrichment/bulk-run', () =>
        HttpResponse.json(
          { success: false, error: 'Bulk enrichment was started a moment ago', code: 'bulk_rate_limited' },
          { status: 429, headers: { 'Retry-After': '40' } },
        ),
      ),
    );
    const { dialog, user } = await openDialog();

    await user.click(dialog.getByRole('button', { name: 'Continue' }));

    expect(await dialog.findByText(/A run was started a moment ago/)).toBeInTheDocument();
    expect(dialog.getByRole('button', { name: /^Continue in \d+ seconds$/ })).toHaveAttribute(
      'aria-disabled',
      'true',
    );
  });

  test('warns of a provider that would end the run at once, and leads to the rule and to Resume', async () => {
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const { dialog, user } = await openDialog(bulkStatus(), { state: 'paused', until, remaining: 0 });

    expect(
      await dialog.findByText(
        `OMDB is paused until ${time(until)}: with the rule “Stop the run” ` +
          'this run would end at once, at the first movie that needs it.',
      ),
    ).toBeInTheDocument();
    expect(dialog.queryByText(/It takes about/)).not.toBeInTheDocument();
    expect(dialog.getByRole('link', { name: 'Change the rule' })).toHaveAttribute(
      'href',
      '/settings/general#rules',
    );
    expect(dialog.getByRole('button', { name: 'Continue' })).toBeEnabled();
    await user.click(dialog.getByRole('link', { name: 'Resume OMDB' }));
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
  });

  test('a refusal is forgotten when the dialog is opened again', async () => {
    refuse('/enrichment/bulk-run', 503, 'bus_unavailable', 'Metarr does not answer', {}, 'post');
    const { dialog, user } = await openDialog();
    await user.click(dialog.getByRole('button', { name: 'Continue' }));
    await dialog.findByText('Metarr does not answer');

    await user.click(dialog.getByRole('button', { name: 'Not now' }));
    await user.click(screen.getByRole('button', { name: 'Run Now' }));

    expect(await screen.findByRole('dialog')).not.toHaveTextContent('Metarr does not answer');
  });

  test('a refusal is forgotten when Metarr answers again', async () => {
    refuse('/enrichment/bulk-run', 503, 'bus_unavailable', 'Metarr does not answer', {}, 'post');
    const { dialog, user } = await openDialog();
    await waitFor(() =>
      expect(socket.received).toContainEqual({ type: 'subscribe', channel: 'bulk:enrichment' }),
    );
    await user.click(dialog.getByRole('button', { name: 'Continue' }));
    await dialog.findByText('Metarr does not answer');

    socket.cut();

    await waitFor(() => expect(dialog.queryByText('Metarr does not answer')).not.toBeInTheDocument());
  });

  test('a run that could not be started says so and can be tried again', async () => {
    refuse('/enrichment/bulk-run', 500, 'start_failed', 'Failed to start job', {}, 'post');
    const { dialog, user } = await openDialog();

    await user.click(dialog.getByRole('button', { name: 'Continue' }));

    expect(await dialog.findByText('Failed to start job')).toBeInTheDocument();
    expect(dialog.getByRole('button', { name: 'Continue' })).toBeEnabled();
  });
});
