import { expect, test } from 'vitest';

import { sameMovie, splitYear } from './sameMovie';

const amelie = { title: 'Amélie', year: 2001 };

test.each([
  ['the same', { title: 'Amélie', year: 2001 }, true],
  ['another case and no accents', { title: ' AMELIE ', year: 2001 }, true],
  ['no year', { title: 'Amélie', year: null }, true],
  ['another year', { title: 'Amélie', year: 2011 }, false],
  ['a longer title', { title: 'Amélie 2', year: 2001 }, false],
])('%s', (_case, wanted, isSame) => {
  expect(sameMovie(wanted, [amelie])).toBe(isSame ? amelie : null);
});

test('a film without a year may be of any, but one of this year comes first', () => {
  const unknown = { title: 'Amélie', year: null };

  expect(sameMovie(amelie, [unknown])).toBe(unknown);
  expect(sameMovie({ ...amelie }, [unknown, amelie])).toBe(amelie);
});

test('a year that stands in the title is its year, unless another one is given', () => {
  expect(splitYear({ title: 'Heat (1995)', year: null })).toEqual({ title: 'Heat', year: 1995 });
  expect(splitYear({ title: 'Heat (1995)', year: 1996 })).toEqual({ title: 'Heat (1995)', year: 1996 });
  expect(splitYear({ title: 'Heat' })).toEqual({ title: 'Heat', year: null });
});
