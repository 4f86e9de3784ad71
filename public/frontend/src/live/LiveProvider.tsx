import { useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from 'react';

import type { Channel, Topic } from '@/types/live';
import { queryKeys } from '@/utils/queryKeys';

import { applyFrame } from './applyFrame';
import { type ConnectionState, LiveSocket } from './socket';

const LiveContext = createContext(new LiveSocket());

/** Figures over the whole library are read anew at most this often, however fast films are finished. */
const LIBRARY_EVERY_MS = 3_000;

/** Opens this tab's socket and keeps the query cache up with what comes on it. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [socket] = useState(() => new LiveSocket());

  useEffect(() => {
    let due: ReturnType<typeof setTimeout> | undefined;
    const libraryChanged = () => {
      due ??= setTimeout(() => {
        due = undefined;
        void client.invalidateQueries({ queryKey: queryKeys.stats });
        void client.invalidateQueries({ queryKey: queryKeys.movies });
      }, LIBRARY_EVERY_MS);
    };
    const endSubscription = socket.subscribe({ channel: 'bulk:enrichment' });
    socket.open(socketUrl(), {
      frame: (frame) => applyFrame(client, frame, libraryChanged),
      reconnected: () => void client.invalidateQueries(),
    });
    return () => {
      clearTimeout(due);
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
