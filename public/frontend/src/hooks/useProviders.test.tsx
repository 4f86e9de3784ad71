import { screen } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { ConnectionState } from '@/components/layout/ConnectionState';
import { show } from '@/test/render';
import { answer, refuse } from '@/test/server';
import { playSocket } from '@/test/socket';
import type { ProviderState } from '@/types/api';

import { useProviders } from './useProviders';

const STATUS = '/providers/status';
const socket = playSocket();

const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();

const omdb = (state: ProviderState['state'], until: string | null = null) => ({
  providers: [{ name: 'omdb', state, since: null, until, reason: null, requestsToday: 640, remaining: null }],
});

function Providers() {
  const states = useProviders().data?.providers;
  return <p>{states?.map(({ name, state }) => `${name} ${state}`).join() ?? 'nothing'}</p>;
}

/** Shows the providers, live. */
async function showProviders(state: string) {
  show(
    <>
      <ConnectionState />
      <Providers />
    </>,
  );
  await screen.findByRole('button', { name: 'Live' });
  await screen.findByText(`omdb ${state}`);
}

const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1000);

beforeEach(() => void vi.useFakeTimers({ shouldAdvanceTime: true }));
afterEach(() => void vi.useRealTimers());

describe('when a pause ends', () => {
  test('the providers are read anew', async () => {
    answer(STATUS, omdb('paused', inSeconds(60)));
    await showProviders('paused');

    const asked = answer(STATUS, omdb('on'));
    await pass(40);
    expect(asked).toHaveLength(0);
    await pass(25);

    expect(await screen.findByText('omdb on')).toBeInTheDocument();
    await pass(90);
    expect(asked).toHaveLength(1);
  });

  test('by a clock that is ahead of the server, they are read every half minute and no more often', async () => {
    const asked = answer(STATUS, omdb('paused', inSeconds(-600)));
    await showProviders('paused');

    await pass(25);
    expect(asked).toHaveLength(1);
    await pass(70);
    expect(asked).toHaveLength(4);
  });

  test('nor when it is refused to tell of them', async () => {
    const asked = answer(STATUS, omdb('paused', inSeconds(20)));
    await showProviders('paused');
    const refusals = vi.fn();
    refuse(STATUS, 500, 'database_error', 'Database error');
    const original = globalThis.fetch;
    vi.stubGlobal('fetch', (...call: Parameters<typeof fetch>) => (refusals(), original(...call)));

    await pass(35);

    expect(asked).toHaveLength(1);
    expect(refusals).toHaveBeenCalledOnce();
  });
});

test('a movie that met a rate limit of a provider that is shown as on makes them be read anew', async () => {
  answer(STATUS, omdb('on'));
  await showProviders('on');
  answer(STATUS, omdb('paused', inSeconds(3600)));

  socket.send({
    type: 'enrichment:complete',
    movieId: 7,
    jobId: 31,
    seq: 9,
    completeness: 80,
    partial: true,
    rateLimitedProviders: ['omdb'],
    freshSince: null,
  });
  await pass(4);

  expect(await screen.findByText('omdb paused')).toBeInTheDocument();
});
