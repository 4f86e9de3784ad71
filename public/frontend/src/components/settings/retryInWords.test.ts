import { expect, test } from 'vitest';

import { retryInWords } from './retryInWords';

test.each([
  [new Date(2025, 10, 23, 3), 'will retry tomorrow'],
  [new Date(2025, 10, 23, 23, 59), 'will retry tomorrow'],
  [new Date(2025, 10, 22, 23), 'will retry today'],
  [new Date(2025, 10, 22, 3), 'will retry today'],
  [new Date(2025, 10, 29, 3), 'will retry in 7 days'],
])('due %s, it %s', (due, words) => {
  const now = new Date(2025, 10, 22, 8);
  expect(retryInWords({ scheduledAt: due.toISOString(), timeUntil: 0 }, now)).toBe(words);
});

test('without a schedule it waits for the next run', () => {
  expect(retryInWords(null)).toBe('will be tried by the next run');
});
