import { screen, waitFor } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { show } from '@/test/render';
import { answer, server, stayLoading } from '@/test/server';
import { playSocket } from '@/test/socket';

import { ConnectionBanner } from './ConnectionBanner';
import { ConnectionState } from './ConnectionState';

const AWAY = /^Metarr cannot be reached just now/;
const NOT_LIVE = 'Live updates are away just now; what you see is read anew every few seconds.';
const socket = playSocket();

const gone = () => server.use(http.get('/api/about', () => HttpResponse.error()));
const there = () => answer('/about', { version: '1.2.3', demo: false });

/** Shows the banner, and cuts the socket for good. */
async function loseSocket() {
  show(
    <>
      <ConnectionState />
      <ConnectionBanner />
    </>,
  );
  await screen.findByRole('button', { name: 'Live' });
  socket.refuse();
  socket.cut();
  await screen.findByRole('button', { name: 'Offline' });
}

const says = (text: string | RegExp) =>
  waitFor(() => expect(screen.getByRole('status')).toHaveTextContent(text));

beforeEach(() => void vi.useFakeTimers({ shouldAdvanceTime: true }));
afterEach(() => void vi.useRealTimers());

test('while the connection is there nothing is said and nothing is asked for', async () => {
  const asked = there();
  show(
    <>
      <ConnectionState />
      <ConnectionBanner />
    </>,
  );
  await screen.findByRole('button', { name: 'Live' });

  await vi.advanceTimersByTimeAsync(15_000);

  expect(asked).toHaveLength(0);
  expect(screen.getByRole('status')).toBeEmptyDOMElement();
});

test('without a word at first; then that the server cannot be reached', async () => {
  gone();
  await loseSocket();
  expect(screen.getByRole('status')).toBeEmptyDOMElement();

  await vi.advanceTimersByTimeAsync(3_500);

  await says(AWAY);
});

test('a server that does not answer cannot be reached', async () => {
  stayLoading('/about');
  await loseSocket();

  await vi.advanceTimersByTimeAsync(3_500);

  await says(AWAY);
});

test('where only the socket is away, as behind some proxies, that is what it says', async () => {
  there();
  await loseSocket();

  await vi.advanceTimersByTimeAsync(3_500);

  await says(NOT_LIVE);
  expect(screen.queryByText(AWAY)).not.toBeInTheDocument();
});

test('what it says follows the server as it goes and comes back', async () => {
  there();
  await loseSocket();
  await vi.advanceTimersByTimeAsync(3_500);
  await says(NOT_LIVE);

  gone();
  await vi.advanceTimersByTimeAsync(6_000);
  await says(AWAY);

  there();
  await vi.advanceTimersByTimeAsync(6_000);
  await says(NOT_LIVE);
});
