import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import type { ServerFrame } from '@/types/live';

import { LiveSocket } from './socket';

/** The browser's side of a connection; a test plays the other one. */
class PlayedWebSocket extends EventTarget {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  static all: PlayedWebSocket[] = [];
  readyState: number = PlayedWebSocket.CONNECTING;
  binaryType = 'blob';
  readonly sent: unknown[] = [];

  constructor(readonly url: string) {
    super();
    PlayedWebSocket.all.push(this);
  }

  send(frame: string) {
    this.sent.push(JSON.parse(frame));
  }

  close() {
    this.readyState = PlayedWebSocket.CLOSED;
  }

  accept() {
    this.readyState = PlayedWebSocket.OPEN;
    this.dispatchEvent(new Event('open'));
  }

  say(frame: ServerFrame) {
    this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(frame) }));
  }

  cut() {
    this.readyState = PlayedWebSocket.CLOSED;
    this.dispatchEvent(new CloseEvent('close', { code: 1012, wasClean: true }));
  }
}

const BULK = { channel: 'bulk:enrichment' } as const;
const MOVIE = { channel: 'movie:enrichment', movieId: 7 } as const;

let live: LiveSocket;
const frame = vi.fn();
const reconnected = vi.fn();
const beforeRetry = vi.fn<() => Promise<unknown>>();

/** The connection that is tried or held now. */
function connection(): PlayedWebSocket {
  const last = PlayedWebSocket.all.at(-1);
  if (!last) throw new Error('no connection was tried');
  return last;
}

/** Lets pass what leads to the next connection. */
async function nextConnection() {
  const tried = PlayedWebSocket.all.length;
  while (PlayedWebSocket.all.length === tried) await vi.advanceTimersByTimeAsync(500);
}

async function open() {
  live.open('ws://metarr.test/ws', { frame, reconnected, beforeRetry });
  await vi.advanceTimersByTimeAsync(0);
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('WebSocket', PlayedWebSocket);
  PlayedWebSocket.all = [];
  frame.mockReset();
  reconnected.mockReset();
  beforeRetry.mockReset().mockResolvedValue(undefined);
  live = new LiveSocket();
});

afterEach(() => {
  live.close();
  vi.useRealTimers();
});

describe('subscriptions', () => {
  test('what was wanted before the connection is asked for when it is there', async () => {
    live.subscribe(BULK);
    await open();
    expect(connection().sent).toEqual([]);

    connection().accept();

    expect(connection().sent).toEqual([{ type: 'subscribe', ...BULK }]);
  });

  test('a topic that two want is asked for once, and given up with the second', async () => {
    await open();
    connection().accept();

    const endOne = live.subscribe(MOVIE);
    const endOther = live.subscribe(MOVIE);
    endOne();
    expect(connection().sent).toEqual([{ type: 'subscribe', ...MOVIE }]);

    endOther();
    expect(connection().sent.at(-1)).toEqual({ type: 'unsubscribe', ...MOVIE });
  });

  test('all movies and one of them are two topics', async () => {
    await open();
    connection().accept();

    live.subscribe({ channel: 'movie:enrichment' });
    live.subscribe(MOVIE);

    expect(connection().sent).toEqual([
      { type: 'subscribe', channel: 'movie:enrichment' },
      { type: 'subscribe', ...MOVIE },
    ]);
  });

  test('after a cut what is still wanted is asked for anew, and what was missed is told of', async () => {
    live.subscribe(BULK);
    await open();
    connection().accept();
    const endMovie = live.subscribe(MOVIE);
    expect(reconnected).not.toHaveBeenCalled();

    connection().cut();
    expect(live.state).toBe('lost');
    endMovie();
    await nextConnection();
    connection().accept();

    expect(connection().sent).toEqual([{ type: 'subscribe', ...BULK }]);
    expect(live.state).toBe('open');
    expect(reconnected).toHaveBeenCalledOnce();
  });
});

describe('frames', () => {
  test('each one is handed on', async () => {
    await open();
    connection().accept();

    connection().say({ type: 'error', error: 'Unknown channel', code: 'invalid_frame', movieId: null });

    expect(frame).toHaveBeenCalledExactlyOnceWith({
      type: 'error',
      error: 'Unknown channel',
      code: 'invalid_frame',
      movieId: null,
    });
  });

  test('after the close none is handed on any more', async () => {
    await open();
    const closed = connection();
    closed.accept();
    live.close();

    closed.say({ type: 'pong' });
    await vi.advanceTimersByTimeAsync(60_000);

    expect(frame).not.toHaveBeenCalled();
    expect(PlayedWebSocket.all).toHaveLength(1);
  });
});

describe('a connection that has gone silent', () => {
  test('is asked for a sign of life, and kept while there is one', async () => {
    await open();
    connection().accept();

    for (let ping = 1; ping <= 3; ping += 1) {
      await vi.advanceTimersByTimeAsync(10_000);
      expect(connection().sent).toHaveLength(ping);
      connection().say({ type: 'pong' });
    }

    expect(connection().sent).toEqual(Array(3).fill({ type: 'ping' }));
    expect(live.state).toBe('open');
    expect(PlayedWebSocket.all).toHaveLength(1);
  });

  test('is given up without one after 15 seconds, and made anew', async () => {
    await open();
    const silent = connection();
    silent.accept();

    await vi.advanceTimersByTimeAsync(15_000);
    expect(live.state).toBe('lost');
    if (connection() === silent) await nextConnection();
    connection().accept();

    expect(live.state).toBe('open');
    expect(reconnected).toHaveBeenCalledOnce();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(connection().sent).toEqual([{ type: 'ping' }]);
  });
});

describe('what is asked before a connection is tried again', () => {
  test('is not asked before the first one', async () => {
    await open();
    connection().accept();

    expect(beforeRetry).not.toHaveBeenCalled();
  });

  test('is waited for, each time', async () => {
    let allow: () => void = () => undefined;
    beforeRetry.mockImplementation(() => new Promise<void>((resolve) => (allow = resolve)));
    await open();
    connection().cut();

    await vi.advanceTimersByTimeAsync(60_000);
    expect(beforeRetry).toHaveBeenCalledOnce();
    expect(PlayedWebSocket.all).toHaveLength(1);

    allow();
    await vi.advanceTimersByTimeAsync(0);
    expect(PlayedWebSocket.all).toHaveLength(2);
    connection().cut();
    await vi.advanceTimersByTimeAsync(15_000);
    expect(beforeRetry).toHaveBeenCalledTimes(2);
  });

  test('where it fails no connection is tried, and it is asked again ever more rarely', async () => {
    beforeRetry.mockRejectedValue(new Error('nobody answers'));
    await open();
    connection().cut();

    await vi.advanceTimersByTimeAsync(60_000);
    expect(PlayedWebSocket.all).toHaveLength(1);
    expect(beforeRetry.mock.calls.length).toBeGreaterThan(5);
    expect(beforeRetry.mock.calls.length).toBeLessThan(15);

    beforeRetry.mockResolvedValue(undefined);
    await nextConnection();
    connection().accept();
    expect(live.state).toBe('open');
  });

  test('is not asked after the close, and no connection is tried', async () => {
    await open();
    connection().accept();
    connection().cut();
    live.close();

    await vi.advanceTimersByTimeAsync(60_000);

    expect(beforeRetry).not.toHaveBeenCalled();
    expect(PlayedWebSocket.all).toHaveLength(1);
  });
});

test('a network that is back is tried at once', async () => {
  await open();
  connection().accept();
  connection().cut();
  // Several failures in a row make the pauses between them long.
  for (let failure = 0; failure < 6; failure += 1) {
    await nextConnection();
    connection().cut();
  }
  const tried = PlayedWebSocket.all.length;

  window.dispatchEvent(new Event('online'));
  await vi.advanceTimersByTimeAsync(0);

  expect(PlayedWebSocket.all.length).toBe(tried + 1);
});

test('each change of the state is told, until nobody wants to know', async () => {
  const told: string[] = [];
  const end = live.listen(() => void told.push(live.state));
  await open();
  connection().accept();
  connection().cut();
  end();
  await nextConnection();
  connection().accept();

  expect(told).toEqual(['open', 'lost']);
});
