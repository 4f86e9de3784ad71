import { expect, test } from 'vitest';

import type { ProviderState } from '@/types/api';
import { dateTime, time } from '@/utils/format';

import { heldInWords } from './heldInWords';

const NOW = Date.parse('2025-11-22T22:00:00Z');
const UNTIL = '2025-11-23T03:00:00Z';

const state = (given: Partial<ProviderState> = {}): ProviderState => ({
  name: 'omdb',
  state: 'on',
  since: null,
  until: null,
  reason: null,
  requestsToday: 0,
  remaining: null,
  ...given,
});
const tmdb = state({ name: 'tmdb' });
const usedUp = state({ state: 'paused', until: UNTIL, remaining: 0 });

const words = (states: ProviderState[], onQuota: 'stop' | 'pause_provider' = 'stop') =>
  heldInWords(states, onQuota, NOW).map(({ text, ends, byRule }) => ({ text, ends, byRule }));

test('of providers that are on, or off, nothing is said', () => {
  expect(words([tmdb, state({ state: 'off' })])).toEqual([]);
});

test('a quota that is used up ends a run by the rule', () => {
  const end = 'with the rule “Stop the run” this run would end at once, at the first movie that needs it.';
  expect(words([tmdb, usedUp])).toEqual([
    { text: `OMDB is paused until ${time(UNTIL)}: ${end}`, ends: true, byRule: true },
  ]);
});

test('by the other rule a run goes on without the provider, if there is another', () => {
  const paused = `OMDB is paused until ${time(UNTIL)}`;
  expect(words([tmdb, usedUp], 'pause_provider')).toEqual([
    { text: `${paused}: this run would go on without it.`, ends: false, byRule: false },
  ]);
  const end = 'this run would end at once, at the first movie that needs it.';
  expect(words([state({ name: 'tmdb', state: 'off' }), usedUp], 'pause_provider')).toEqual([
    { text: `${paused}, and no other provider is left: ${end}`, ends: true, byRule: false },
  ]);
});

test('a provider that does not answer is waited for', () => {
  const until = '2025-11-24T03:00:00Z';
  expect(words([tmdb, state({ state: 'paused', until })])).toEqual([
    {
      text: `OMDB is paused until ${dateTime(until)}: this run would wait for it.`,
      ends: false,
      byRule: false,
    },
  ]);
});

test('a refused key ends a run, whatever the rule', () => {
  const text = 'OMDB refuses its key: this run would end at once, at the first movie that needs it.';
  expect(words([tmdb, state({ state: 'key_refused' })], 'pause_provider')).toEqual([
    { text, ends: true, byRule: false },
  ]);
});
