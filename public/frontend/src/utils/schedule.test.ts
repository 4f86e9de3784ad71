import { afterEach, expect, test, vi } from 'vitest';

import { scheduleInWords } from './schedule';

const here = Intl.DateTimeFormat().resolvedOptions().timeZone;

afterEach(() => void vi.restoreAllMocks());

test.each([
  ['0 3 * * *', 'Daily at 3:00 AM'],
  ['30 14 * * *', 'Daily at 2:30 PM'],
  ['0  0  *  *  * ', 'Daily at 12:00 AM'],
  ['5 23 * * *', 'Daily at 11:05 PM'],
  ['0 3 * * 1', '0 3 * * 1'],
  ['0 */6 * * *', '0 */6 * * *'],
  ['0 3,15 * * *', '0 3,15 * * *'],
])('%s is said as %s', (cron, words) => {
  expect(scheduleInWords({ cron, timeZone: here }).replaceAll('\u202f', ' ')).toBe(words);
});

test('a time zone that is not the browser’s is named', () => {
  const other = here === 'Europe/Rome' ? 'Asia/Tokyo' : 'Europe/Rome';
  expect(scheduleInWords({ cron: '0 3 * * *', timeZone: other })).toMatch(new RegExp(` \\(${other}\\)$`));
  expect(scheduleInWords({ cron: '0 3 * * *', timeZone: 'Nowhere/City' })).toMatch(/ \(Nowhere\/City\)$/);
});

test('the clock is read as the browser’s language does', () => {
  vi.spyOn(navigator, 'languages', 'get').mockReturnValue(['de-DE']);
  expect(scheduleInWords({ cron: '30 14 * * *', timeZone: here })).toBe('Daily at 14:30');
});
