import { expect, test } from 'vitest';

import { addRequest, formField } from './addRequest';

const NO_ID = { imdbId: null, tmdbId: null, request: null };

test('a title and a year are sent without blanks around them', () => {
  expect(addRequest({ title: ' Heat ', year: ' 1995 ', id: '' })).toEqual({
    ...NO_ID,
    title: 'Heat',
    year: '1995',
  });
});

test('an id alone is enough', () => {
  expect(addRequest({ title: '', year: '', id: 'tt0133093' })).toEqual({
    ...NO_ID,
    title: null,
    year: null,
    imdbId: 'tt0133093',
  });
});

test('nothing at all is not sent', () => {
  expect(addRequest({ title: ' ', year: '1995', id: '' })).toMatchObject({ field: 'title' });
});

test('an id that is none is not sent', () => {
  expect(addRequest({ title: 'Heat', year: '', id: 'heat' })).toMatchObject({ field: 'id' });
});

test.each([
  ['title', 'title'],
  ['year', 'year'],
  ['imdbId', 'id'],
  ['tmdbId', 'id'],
  ['request', null],
  [undefined, null],
] as const)('an error in %s is shown at %s', (field, shown) => {
  expect(formField(field)).toBe(shown);
});
