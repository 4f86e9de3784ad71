import { useSyncExternalStore } from 'react';

const STEP_MS = 1_000;

const listeners = new Set<() => void>();
let ticking: ReturnType<typeof setInterval> | undefined;
let now = Date.now();

function tick() {
  now = Date.now();
  for (const listener of listeners) listener();
}

function listen(listener: () => void) {
  listeners.add(listener);
  if (ticking === undefined) {
    now = Date.now();
    ticking = setInterval(tick, STEP_MS);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(ticking);
    ticking = undefined;
  };
}

const present = () => (ticking === undefined ? Math.floor(Date.now() / STEP_MS) * STEP_MS : now);

/** The present in milliseconds, in steps of a second; one timer serves the whole page. */
export const useNow = () => useSyncExternalStore(listen, present);

/** What is said of the present; the component is drawn again only when that changes. */
export const useTicking = (say: (now: number) => string) =>
  useSyncExternalStore(listen, () => say(present()));
