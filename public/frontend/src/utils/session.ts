/**
 * Whether this browser may see the library, as far as is known. What is known is kept in the browser: its other tabs
 * follow at once, and the next page that is loaded begins with what it has to show.
 */
export type SessionState =
  /** Nothing was refused: signed in, or no key is asked for. */
  | 'in'
  /** Not known yet. */
  | 'unknown'
  | 'out'
  /** As `out`, after the gateway had answered: the key was changed, or the sign-in is too old. */
  | 'ended';

const KEY = 'metarr-session';

let state: SessionState = 'in';
let era = 0;
let answered = false;
const listeners = new Set<() => void>();

export const sessionState = (): SessionState => state;

/** Counts the changes: the answer to a request that was begun before the last one says nothing of the present. */
export const sessionEra = (): number => era;

/** Begins with what is kept; where that is no sign-in, the gateway has to be asked first. */
export function recallSession(): void {
  if (kept() !== 'in') become('unknown');
}

export function signedIn(): void {
  keep('in');
  become('in');
}

export function signedOut(): void {
  keep('out');
  become('out');
}

/** The gateway has answered what it answers only to whoever is signed in. */
export function wasAnswered(): void {
  answered = true;
}

/** The gateway has refused a request for want of a sign-in. */
export function wasRefused(): void {
  keep('out');
  become(answered ? 'ended' : 'out');
}

/** Tells of every change; returns what ends that. */
export function listenToSession(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Follows what the other tabs of this browser do; returns what ends that. */
export function followOtherTabs(): () => void {
  const follow = ({ key, newValue }: StorageEvent) => {
    if (key !== KEY) return;
    if (newValue === 'in') become('in');
    if (newValue === 'out') become('out');
  };
  window.addEventListener('storage', follow);
  return () => window.removeEventListener('storage', follow);
}

function become(next: SessionState) {
  const isOut = state === 'out' || state === 'ended';
  if (next === state || (isOut && next !== 'in')) return;
  state = next;
  era += 1;
  answered = false;
  for (const listener of listeners) listener();
}

function kept(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    // Storage may be forbidden: then each page asks.
    return null;
  }
}

function keep(known: 'in' | 'out') {
  try {
    localStorage.setItem(KEY, known);
  } catch {
    // Storage may be forbidden: then the other tabs find out by themselves.
  }
}
