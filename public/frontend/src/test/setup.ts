import '@testing-library/jest-dom/vitest';

import { cleanup, configure } from '@testing-library/react';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';

import { signedIn } from '@/utils/session';

import { server } from './server';

// What is waited for ends the wait; this ends what hangs, on however slow a machine.
configure({ asyncUtilTimeout: 60_000 });

// What jsdom lacks and Radix asks for.
globalThis.ResizeObserver = class {
  observe = () => undefined;
  unobserve = () => undefined;
  disconnect = () => undefined;
};
Element.prototype.scrollIntoView = () => undefined;
Element.prototype.hasPointerCapture = () => false;

// Every test begins signed in, whatever the one before it did.
beforeEach(signedIn);
beforeAll(() => server.listen({ onUnhandledFrame: 'error' }));
afterEach(() => {
  cleanup();
  sessionStorage.clear();
  localStorage.clear();
  server.resetHandlers();
});
afterAll(() => server.close());
