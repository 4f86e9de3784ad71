import { afterEach, describe, expect, test, vi } from 'vitest';

import {
  byteSize,
  count,
  date,
  dateTime,
  duration,
  list,
  percent,
  relativeTime,
  time,
  timeOfDay,
  titleWithYear,
} from './format';

const speak = (...languages: string[]) =>
  void vi.spyOn(navigator, 'languages', 'get').mockReturnValue(languages);

/** Some languages put narrow or fixed blanks; which one is not our choice. */
const plain = (text: string) => text.replaceAll(/[\u00a0\u202f]/g, ' ');

// Without a zone these times are the browser's own, so the tests hold wherever they run.
const AT = '2025-11-22T15:05:00';
const NOW = Date.parse('2025-11-22T12:00:00Z');
const shifted = (seconds: number) => new Date(NOW + seconds * 1000).toISOString();

afterEach(() => void vi.restoreAllMocks());

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [64_000, '64 KB'],
  [1_234_567, '1.2 MB'],
])('%i bytes are %s', (bytes, written) => {
  speak('en-US');
  expect(byteSize(bytes)).toBe(written);
});

describe('numbers and dates are written as the browser’s language has it', () => {
  test.each([
    ['en-US', '1,523', '78.5%', 'Nov 22, 2025, 3:05 PM', '3:05 PM', '3:00 AM'],
    ['en-GB', '1,523', '78.5%', '22 Nov 2025, 15:05', '15:05', '03:00'],
    ['de-DE', '1.523', '78,5 %', '22.11.2025, 15:05', '15:05', '03:00'],
    ['fr-FR', '1 523', '78,5 %', '22 nov. 2025, 15:05', '15:05', '03:00'],
    ['ja-JP', '1,523', '78.5%', '2025/11/22 15:05', '15:05', '3:00'],
  ])('%s', (language, ...expected) => {
    speak(language);
    expect([count(1523), percent(78.5), dateTime(AT), time(AT), timeOfDay(3, 0)].map(plain)).toEqual(
      expected,
    );
  });

  test('a whole percentage has no decimal', () => {
    speak('en-US');
    expect([percent(0), percent(42), percent(78.54), percent(100)]).toEqual(['0%', '42%', '78.5%', '100%']);
  });

  test.each([
    ['en-US', 'Mar 31, 1999'],
    ['de-DE', '31.03.1999'],
  ])('a day is the same in every time zone (%s)', (language, expected) => {
    speak(language);
    expect(date('1999-03-31')).toBe(expected);
  });
});

describe('what stands in a sentence is English in every browser', () => {
  test.each([
    [0, 'just now'],
    [-44, 'just now'],
    [44, 'just now'],
    [-45, '1 minute ago'],
    [59, 'in 1 minute'],
    [-60, '1 minute ago'],
    [-119, '1 minute ago'],
    [600, 'in 10 minutes'],
    [-3_599, '59 minutes ago'],
    [-3_600, '1 hour ago'],
    [79_200, 'in 22 hours'],
    [81_000, 'in 22 hours'],
    [-86_400, '1 day ago'],
    [-47 * 3_600, '1 day ago'],
    [25 * 3_600, 'in 1 day'],
    [-2 * 86_400, '2 days ago'],
    [8 * 86_400, 'in 1 week'],
    [-15 * 86_400, '2 weeks ago'],
    [-40 * 86_400, '1 month ago'],
    [-800 * 86_400, '2 years ago'],
  ])('%i seconds from now is %s', (seconds, words) => {
    speak('de-DE');
    expect(relativeTime(shifted(seconds), NOW)).toBe(words);
  });

  test.each([
    [0, '0 seconds'],
    [1, '1 second'],
    [2.34, '2.3 seconds'],
    [9.94, '9.9 seconds'],
    [9.96, '10 seconds'],
    [59.4, '59 seconds'],
    [59.6, '1 minute'],
    [89, '1 minute'],
    [1080, '18 minutes'],
    [3_569, '59 minutes'],
    [3_599, '1 hour'],
    [7_199, '2 hours'],
    [9_000, '2 hours 30 minutes'],
    [90_060, '25 hours 1 minute'],
  ])('%d seconds last %s', (seconds, words) => {
    speak('de-DE');
    expect(duration(seconds)).toBe(words);
  });

  test.each([
    [[], ''],
    [['TMDB'], 'TMDB'],
    [['TMDB', 'OMDB'], 'TMDB and OMDB'],
    [['TMDB', 'OMDB', 'Fanart'], 'TMDB, OMDB, and Fanart'],
  ])('%o are listed as "%s"', (parts, words) => {
    speak('de-DE');
    expect(list(parts)).toBe(words);
  });
});

test.each([
  ['The Matrix', 1999, 'The Matrix (1999)'],
  ['アキラ', null, 'アキラ'],
  ['Heat', undefined, 'Heat'],
])('%s of %s is %s', (title, year, shown) => {
  expect(titleWithYear(title, year)).toBe(shown);
});
