import { screen, within } from '@testing-library/react';
import { expect, test } from 'vitest';

import { show } from '@/test/render';
import { answer, refuse, stayLoading } from '@/test/server';
import { playSocket } from '@/test/socket';
import type { ProviderState } from '@/types/api';

import { ProviderSummaryCard } from './ProviderSummaryCard';

playSocket();
const PATH = '/providers/status';

const provider = (given: Partial<ProviderState>): ProviderState => ({
  name: 'omdb',
  state: 'on',
  since: null,
  until: null,
  reason: null,
  requestsToday: 0,
  remaining: null,
  ...given,
});

async function shown(given: Partial<ProviderState>) {
  answer(PATH, { providers: [provider(given)] });
  show(<ProviderSummaryCard />);
  return within(await screen.findByRole('listitem'));
}

test('while it loads it says so', () => {
  stayLoading(PATH);
  show(<ProviderSummaryCard />);

  expect(screen.getByText('Loading providers …')).toBeInTheDocument();
});

test('a provider that is on shows what it was asked today', async () => {
  const line = await shown({ requestsToday: 1210 });

  expect(line.getByText('OMDB')).toBeVisible();
  expect(line.getByText('On')).toBeVisible();
  expect(line.getByText('1,210 requests today')).toBeVisible();
});

test('what remains of the daily quota is shown where it is known', async () => {
  const line = await shown({ requestsToday: 1, remaining: 999 });

  expect(line.getByText('1 request today · 999 left of the daily quota')).toBeVisible();
});

test('a provider without a key is off', async () => {
  const line = await shown({ state: 'off' });

  expect(line.getByText('Off: no key')).toBeVisible();
  expect(line.queryByText(/today/)).not.toBeInTheDocument();
});

test('a provider that pauses says until when and why', async () => {
  const line = await shown({
    state: 'paused',
    until: '2125-11-23T03:00:00Z',
    reason: 'Request limit reached!',
    remaining: 0,
  });

  expect(line.getByText('Paused')).toBeVisible();
  expect(line.getByText(/^Paused until Nov 2\d, 2125/)).toBeVisible();
  expect(line.getByText('Request limit reached!')).toBeVisible();
});

test('a refused key is said with the reason', async () => {
  const line = await shown({ state: 'key_refused', reason: 'Invalid API key!' });

  expect(line.getByText('Key refused')).toBeVisible();
  expect(line.getByText('Invalid API key!')).toBeVisible();
});

test('it leads to the providers in the settings', async () => {
  await shown({});

  expect(screen.getByRole('link', { name: 'View Providers' })).toHaveAttribute(
    'href',
    '/settings/general#providers',
  );
});

test('what could not be loaded is said, and asked for again by Retry', async () => {
  refuse(PATH, 500, 'database_error', 'Database error');
  const { user } = show(<ProviderSummaryCard />);
  expect(await screen.findByText('Failed to load providers')).toBeVisible();

  answer(PATH, { providers: [provider({})] });
  await user.click(screen.getByRole('button', { name: 'Retry' }));
  expect(await screen.findByText('OMDB')).toBeVisible();
});
