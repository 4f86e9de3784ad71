import { WebSocket as ReconnectingWebSocket } from 'partysocket';

import type { ServerFrame, Topic } from '@/types/live';

export type ConnectionState = 'connecting' | 'open' | 'lost';

const PING_EVERY_MS = 10_000;
/** A connection that has been silent for this long after a ping is given up: its other end may be gone. */
const SILENCE_MS = 5_000;

interface Handlers {
  frame: (frame: ServerFrame) => void;
  /** The connection was lost and is there again: messages may have been missed. */
  reconnected: () => void;
  /**
   * Asked before a connection is tried again: a browser does not tell a page why it was refused. Where this fails, the
   * try counts as one that has failed.
   */
  beforeRetry: () => Promise<unknown>;
}

/** The one socket of this tab: reconnects with back-off, and subscribes anew to what is still wanted. */
export class LiveSocket {
  state: ConnectionState = 'connecting';
  #url = '';
  #socket: ReconnectingWebSocket | undefined;
  #handlers: Handlers | undefined;
  readonly #wanted = new Map<string, { topic: Topic; count: number }>();
  readonly #listeners = new Set<() => void>();
  #pinging: ReturnType<typeof setInterval> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;

  open(url: string, handlers: Handlers) {
    this.#url = url;
    this.#handlers = handlers;
    this.#connect();
    window.addEventListener('online', this.#online);
  }

  close() {
    window.removeEventListener('online', this.#online);
    this.#rest();
    this.#disconnect();
    this.state = 'connecting';
  }

  /** Asks for messages on a topic; returns what ends that. Components may want the same topic side by side. */
  subscribe(topic: Topic): () => void {
    const key = `${topic.channel} ${topic.movieId ?? ''}`;
    const wanted = this.#wanted.get(key) ?? { topic, count: 0 };
    this.#wanted.set(key, wanted);
    wanted.count += 1;
    if (wanted.count === 1) this.#send({ type: 'subscribe', ...topic });
    return () => {
      wanted.count -= 1;
      if (wanted.count > 0) return;
      this.#wanted.delete(key);
      this.#send({ type: 'unsubscribe', ...topic });
    };
  }

  /** Tells of every change of `state`; returns what ends that. */
  listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly #opened = () => {
    const again = this.state === 'lost';
    for (const { topic } of this.#wanted.values()) this.#send({ type: 'subscribe', ...topic });
    this.#pinging = setInterval(this.#ping, PING_EVERY_MS);
    this.#become('open');
    if (again) this.#handlers?.reconnected();
  };

  readonly #closed = () => {
    this.#rest();
    this.#become('lost');
  };

  readonly #received = (event: MessageEvent<unknown>) => {
    clearTimeout(this.#silence);
    this.#silence = undefined;
    if (typeof event.data === 'string') this.#handlers?.frame(JSON.parse(event.data) as ServerFrame);
  };

  readonly #ping = () => {
    this.#send({ type: 'ping' });
    this.#silence ??= setTimeout(() => this.#socket?.reconnect(), SILENCE_MS);
  };

  readonly #online = () => {
    if (this.state !== 'lost') return;
    // A socket that waits for its next try cannot be hurried; another one tries at once.
    this.#disconnect();
    this.#connect();
  };

  #connect() {
    const address = async () => {
      // One that has been put aside asks nothing any more; it does not connect either.
      if (this.state === 'lost' && this.#socket === socket) await this.#handlers?.beforeRetry();
      return this.#url;
    };
    const socket: ReconnectingWebSocket = new ReconnectingWebSocket(address, [], {
      minReconnectionDelay: 500,
      maxReconnectionDelay: 15_000,
      reconnectionDelayGrowFactor: 1.6,
      connectionTimeout: 8_000,
      maxEnqueuedMessages: 0,
    });
    socket.addEventListener('open', this.#opened);
    socket.addEventListener('close', this.#closed);
    socket.addEventListener('message', this.#received);
    this.#socket = socket;
  }

  #disconnect() {
    this.#socket?.removeEventListener('open', this.#opened);
    this.#socket?.removeEventListener('close', this.#closed);
    this.#socket?.removeEventListener('message', this.#received);
    this.#socket?.close();
  }

  #send(frame: object) {
    if (this.#socket?.readyState === ReconnectingWebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  #rest() {
    clearInterval(this.#pinging);
    clearTimeout(this.#silence);
    this.#silence = undefined;
  }

  #become(state: ConnectionState) {
    this.state = state;
    for (const listener of this.#listeners) listener();
  }
}
