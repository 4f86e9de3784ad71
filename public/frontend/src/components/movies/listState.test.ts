import { describe, expect, test } from 'vitest';

import { DEFAULTS, isNarrowed, parametersOf, readState, sortedBy, writeState } from './listState';

const read = (address: string) => readState(new URLSearchParams(address));

describe('an address', () => {
  test('says everything that the list shows', () => {
    expect(read('filter=incomplete&sort=completeness:asc&missing=awards&search=the+matrix')).toEqual({
      filter: 'incomplete',
      sort: 'completeness',
      order: 'asc',
      missing: 'awards',
      search: 'the matrix',
    });
  });

  test.each([
    '',
    'filter=nonsense',
    'filter=toString',
    'sort=nonsense:desc',
    'sort=id:desc',
    'sort=',
    'missing=nonsense',
    'missing=title',
    'search=++',
  ])('that is wrong (%s) shows the list as usual', (address) => {
    expect(read(address)).toEqual(DEFAULTS);
  });

  test.each(['sort=year', 'sort=year:', 'sort=year:sideways'])(
    'without a direction (%s) has the usual one',
    (address) => {
      expect(read(address)).toMatchObject({ sort: 'year', order: 'desc' });
    },
  );

  test('with a search that is too long is cut', () => {
    expect(read(`search=${'x'.repeat(300)}`).search).toHaveLength(200);
  });

  test('leaves out what goes without saying, and keeps what else it says', () => {
    const address = new URLSearchParams('filter=limited&add=1');

    expect(writeState(address, DEFAULTS).toString()).toBe('add=1');
  });

  test('is read as it was written', () => {
    const state = {
      ...DEFAULTS,
      filter: 'limited',
      missing: 'cast',
      search: 'a&b',
      sort: 'added',
      order: 'desc',
    } as const;

    expect(readState(writeState(new URLSearchParams(), state))).toEqual(state);
  });
});

test('another order begins with its usual direction, the same one is turned round', () => {
  const byYear = sortedBy(DEFAULTS, 'year');

  expect(byYear).toMatchObject({ sort: 'year', order: 'desc' });
  expect(sortedBy(byYear, 'year')).toMatchObject({ sort: 'year', order: 'asc' });
});

test('the API is asked for what is not empty', () => {
  expect(parametersOf(DEFAULTS)).toEqual({ filter: 'all', sort: 'title', order: 'asc' });
});

test('an order leaves no film out, a filter does', () => {
  expect(isNarrowed({ ...DEFAULTS, sort: 'year' })).toBe(false);
  expect(isNarrowed({ ...DEFAULTS, missing: 'cast' })).toBe(true);
});
