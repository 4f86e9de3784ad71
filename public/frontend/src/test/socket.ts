/**
 * The live socket as a test plays it: frames that the page sends are kept, pings are answered, other frames to the page
 * are sent by hand.
 */
import { act } from '@testing-library/react';
import { ws } from 'msw';
import { beforeEach } from 'vitest';

import type { ServerFrame } from '@/types/live';

import { server } from './server';

const link = ws.link('ws://metarr.test/ws');

export interface PlayedSocket {
  /** Frames that the page has sent. */
  received: object[];
  /** How many connections were made. */
  connections: number;
  send: (frame: ServerFrame) => void;
  /** Cuts the connection, as a gateway that goes away does. */
  cut: (code?: number) => void;
  /** From now on no connection is accepted. */
  refuse: () => void;
}

const refuse = () => server.use(link.addEventListener('connection', ({ client }) => client.close(1012)));

/** Plays the gateway's socket in every test of the file that calls this. */
export function playSocket(): PlayedSocket {
  const played: PlayedSocket = {
    received: [],
    connections: 0,
    send: () => undefined,
    cut: () => undefined,
    refuse,
  };
  beforeEach(() => {
    played.received = [];
    played.connections = 0;
    server.use(
      link.addEventListener('connection', ({ client }) => {
        played.connections += 1;
        client.addEventListener('message', (event) => {
          if (typeof event.data !== 'string') return;
          const frame = JSON.parse(event.data) as object;
          played.received.push(frame);
          if ('type' in frame && frame.type === 'ping') client.send(JSON.stringify({ type: 'pong' }));
        });
        played.send = (frame) => act(() => client.send(JSON.stringify(frame)));
        played.cut = (code = 1012) => act(() => client.close(code));
      }),
    );
  });
  return played;
}
