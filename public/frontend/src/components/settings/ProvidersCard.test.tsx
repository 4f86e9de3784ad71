import { screen, waitFor, within } from '@testing-library/react';
import { beforeEach, expect, test, vi } from 'vitest';

import { show } from '@/test/render';
import { answer, refuse, stayLoading } from '@/test/server';
import { playSocket } from '@/test/socket';
import type { ProviderState } from '@/types/api';
import { dateTime } from '@/utils/format';

import { bulkStatus } from './bulkStatus.fixture';
import { ProvidersCard } from './ProvidersCard';

const STATES = '/providers/status';
playSocket();
beforeEach(() => void answer('/enrichment/bulk-status', { ...bulkStatus() }));

const on = (name: ProviderState['name'], changes: Partial<ProviderState> = {}): ProviderState => ({
  name,
  state: 'on',
  since: null,
  until: null,
  reason: null,
  requestsToday: 0,
  remaining: null,
  ...changes,
});

/** Shows the card with OMDB like this and the others on; returns OMDB's row with it. */
async function showOmdb(changes: Partial<ProviderState>) {
  answer(STATES, { providers: [on('tmdb'), on('omdb', changes), on('fanart')] });
  const shown = show(<ProvidersCard />);
  const [, omdb] = await screen.findAllByRole('listitem');
  if (!omdb) throw new Error('no second provider is shown');
  return { ...shown, omdb };
}

const paused = {
  state: 'paused',
  reason: 'OMDB rate limit reached',
  until: new Date(Date.now() + 7_500_000).toISOString(),
} as const;

test('it says that it loads', async () => {
  stayLoading(STATES);
  show(<ProvidersCard />);

  expect(await screen.findByText('Loading provider status …')).toBeInTheDocument();
});

test('what could not be loaded is loaded by Retry', async () => {
  refuse(STATES, 500, 'database_error', 'Database error');
  const { user } = show(<ProvidersCard />);
  expect(await screen.findByText('Failed to load provider status')).toBeInTheDocument();
  answer(STATES, { providers: [on('tmdb')] });

  await user.click(screen.getByRole('button', { name: 'Retry' }));

  expect(await screen.findByRole('heading', { name: 'TMDB' })).toBeInTheDocument();
});

test('a provider that is on says how much it was asked and what is left', async () => {
  const { omdb } = await showOmdb({ requestsToday: 1, remaining: 1999 });

  expect(omdb).toHaveTextContent('OMDBOn1 request today · 1,999 left of the daily quota');
  expect(within(omdb).queryByRole('button')).not.toBeInTheDocument();
});

test('a quota that is not known is not spoken of', async () => {
  const { omdb } = await showOmdb({ requestsToday: 1204 });

  expect(omdb).toHaveTextContent(/1,204 requests today$/);
});

test('a provider that is off says which key is missing, how it is set and where it comes from', async () => {
  const { omdb } = await showOmdb({ state: 'off' });

  expect(omdb).toHaveTextContent(
    'Off: no key' +
      'No key is set, so it is not asked. To turn it on, set the environment variable METARR_OMDB_KEY ' +
      'and restart Metarr. A key comes by mail from omdbapi.com',
  );
  expect(within(omdb).queryByRole('link')).not.toBeInTheDocument();
});

test('a paused provider says why and until when', async () => {
  const { omdb } = await showOmdb(paused);

  expect(omdb).toHaveTextContent(
    `OMDB rate limit reached. It is asked again in 2 hours (${dateTime(paused.until)}).`,
  );
});

test('a pause that ends by itself is seen without a message', async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  try {
    const until = new Date(Date.now() + 60_000).toISOString();
    await showOmdb({ ...paused, until });
    answer(STATES, { providers: [on('omdb')] });

    await vi.advanceTimersByTimeAsync(62_000);

    await waitFor(() => expect(screen.queryByText('Paused')).not.toBeInTheDocument());
  } finally {
    vi.useRealTimers();
  }
});

test('a refused key names the setting to check', async () => {
  const { omdb } = await showOmdb({ state: 'key_refused', reason: 'Invalid API key!' });

  expect(within(omdb).getByText('Key refused')).toBeInTheDocument();
  expect(omdb).toHaveTextContent(
    'Invalid API key! Check the environment variable METARR_OMDB_KEY and restart Metarr.',
  );
  expect(within(omdb).getByRole('button', { name: 'Resume OMDB' })).toBeEnabled();
});

test('Resume has the provider tested, and it is on again', async () => {
  const { user } = await showOmdb(paused);
  answer('/providers/omdb/resume', { provider: 'omdb', message: 'OMDB answers again', seq: 4720 }, 'post');
  answer(STATES, { providers: [on('tmdb'), on('omdb'), on('fanart')] });

  await user.click(screen.getByRole('button', { name: 'Resume OMDB' }));

  expect(await screen.findByText('OMDB answers again')).toBeInTheDocument();
  await waitFor(() => expect(screen.queryByText('Paused')).not.toBeInTheDocument());
});

test('a provider that still does not answer says so in its place', async () => {
  const { user, omdb } = await showOmdb(paused);
  const error = 'OMDB’s quota is still used up';
  refuse('/providers/omdb/resume', 409, 'provider_still_limited', error, {}, 'post');

  await user.click(screen.getByRole('button', { name: 'Resume OMDB' }));

  expect(await within(omdb).findByText(`Tried just now: ${error}`)).toBeInTheDocument();
  expect(screen.getByRole('button', { name: 'Resume OMDB' })).toBeEnabled();
});

test('the address #providers shows this card', async () => {
  const scroll = vi.spyOn(Element.prototype, 'scrollIntoView');
  answer(STATES, { providers: [on('tmdb')] });
  show(<ProvidersCard />, { at: '/#providers' });

  await waitFor(() => expect(scroll.mock.contexts).toContain(document.getElementById('providers')));
});
