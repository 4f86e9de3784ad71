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
  send: (frame: ServerFrame) => void;
  /** Cuts the connection, as a gateway that goes away does. */
  cut: () => void;
  /** From now on no connection is accepted. */
  refuse: () => void;
}

const refuse = () => server.use(link.addEventListener('connection', ({ client }) => client.close(1012)));

/** Plays the gateway's socket in every test of the file that calls this. */
export function playSocket(): PlayedSocket {
  const played: PlayedSocket = { received: [], send: () => undefined, cut: () => undefined, refuse };
  beforeEach(() => {
    played.received = [];
    server.use(
      link.addEventListener('connection', ({ client }) => {
        client.addEventListener('message', (event) => {
          if (typeof event.data !== 'string') return;
          const frame = JSON.parse(event.data) as object;
          played.received.push(frame);
          if ('type' in frame && frame.type === 'ping') client.send(JSON.stringify({ type: 'pong' }));
        });
        played.send = (frame) => act(() => client.send(JSON.stringify(frame)));
        played.cut = () => act(() => client.close(1012));
      }),
    );
  });
  return played;
}
