import { useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from 'react';

import type { Channel, Topic } from '@/types/live';
import { sessionApi } from '@/utils/api';
import { queryKeys } from '@/utils/queryKeys';

import { applyFrame } from './applyFrame';
import { Paced } from './paced';
import { type ConnectionState, LiveSocket } from './socket';

const LiveContext = createContext(new LiveSocket());

/** What every film may change is read anew at most this often, however fast films are finished. */
const READ_EVERY_MS = 3_000;
/** Beside a run's progress how many requests it has cost may lag behind. */
const REQUESTS_EVERY_MS = 10_000;

/** Opens this tab's socket and keeps the query cache up with what comes on it. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [socket] = useState(() => new LiveSocket());

  useEffect(() => {
    const readAnew = (everyMs: number, ...keys: (readonly unknown[])[]) =>
      new Paced(() => Promise.all(keys.map((queryKey) => client.invalidateQueries({ queryKey }))), everyMs);
    const library = readAnew(READ_EVERY_MS, queryKeys.stats, queryKeys.movies);
    const providers = readAnew(READ_EVERY_MS, queryKeys.providers);
    const requests = readAnew(REQUESTS_EVERY_MS, queryKeys.providers);
    const changed = { library: library.ask, providers: providers.ask, requests: requests.ask };
    const endSubscription = socket.subscribe({ channel: 'bulk:enrichment' });
    socket.open(socketUrl(), {
      frame: (frame) => applyFrame(client, frame, changed),
      reconnected: () => void client.invalidateQueries(),
      // Whoever is signed out by then sees the sign-in page, and this socket is closed.
      beforeRetry: sessionApi.get,
    });
    return () => {
      library.stop();
      providers.stop();
      requests.stop();
      endSubscription();
      socket.close();
    };
  }, [client, socket]);

  return <LiveContext value={socket}>{children}</LiveContext>;
}

/** Subscribes while the component is shown; a film's id where it is one film. */
export function useSubscription(channel: Channel, movieId?: number) {
  const socket = useContext(LiveContext);
  useEffect(() => {
    const topic: Topic = movieId === undefined ? { channel } : { channel, movieId };
    return socket.subscribe(topic);
  }, [socket, channel, movieId]);
}

/** Whether live messages come. */
export function useConnection(): ConnectionState {
  const socket = useContext(LiveContext);
  return useSyncExternalStore(socket.listen, () => socket.state);
}

const POLL_MS = 5_000;

/** For `refetchInterval`: only without a socket is anything asked for again and again. */
export function usePolling(): number | false {
  return useConnection() === 'lost' ? POLL_MS : false;
}

function socketUrl(): string {
  const url = new URL('/ws', location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}
