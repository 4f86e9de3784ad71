import { expect, test } from 'vitest';

import { parseYear } from './year';

test.each([
  ['', null],
  [' ', null],
  [' 1999 ', 1999],
  ['1870', 1870],
  ['2200', 2200],
  ['1869', undefined],
  ['2201', undefined],
  ['1500', undefined],
  ['99', undefined],
  ['19999', undefined],
  ['1e3 ', undefined],
  ['next', undefined],
])('"%s" is the year %s', (typed, year) => {
  expect(parseYear(typed)).toBe(year);
});
