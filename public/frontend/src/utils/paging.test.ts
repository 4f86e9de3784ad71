import { describe, expect, test } from 'vitest';

import { type Chain, follow, pagesToHold, rowCount, rowsToShow, START, withoutRepeats } from './paging';

const answer = (rows: number, total: number, nextCursor: string | null) => ({
  movies: Array.from({ length: rows }),
  total,
  nextCursor,
});

const chain = (cursors: (string | null)[], total: number, lastRows: number | null = null): Chain => ({
  cursors,
  total,
  lastRows,
});

describe('the chain of cursors', () => {
  test('grows by the cursor with which a page ends', () => {
    const one = follow(START, 0, answer(100, 250, 'a'));
    const two = follow(one, 1, answer(100, 250, 'b'));

    expect(two).toEqual(chain([null, 'a', 'b'], 250));
  });

  test('is complete with the page after which nothing comes', () => {
    expect(follow(chain([null, 'a'], 130), 1, answer(30, 130, null))).toEqual(chain([null, 'a'], 130, 30));
  });

  test('is the same object when a page was read again and nothing moved', () => {
    const known = chain([null, 'a', 'b'], 250, 50);

    expect(follow(known, 0, answer(100, 250, 'a'))).toBe(known);
    expect(follow(known, 2, answer(50, 250, null))).toBe(known);
  });

  test('keeps later pages when the next one begins elsewhere by now', () => {
    expect(follow(chain([null, 'a', 'b'], 250, 50), 0, answer(100, 251, 'c'))).toEqual(
      chain([null, 'c', 'b'], 251, 50),
    );
  });

  test('loses what came after a page that is the last one by now', () => {
    expect(follow(chain([null, 'a', 'b'], 250), 0, answer(80, 80, null))).toEqual(chain([null], 80, 80));
  });

  test('goes on after a page that was the last one', () => {
    expect(follow(chain([null, 'a'], 200, 100), 1, answer(100, 201, 'b'))).toEqual(
      chain([null, 'a', 'b'], 201),
    );
  });
});

test.each([
  ['nothing before the first answer', START, 0],
  ['the page that is still to be read', chain([null, 'a'], 100_000), 200],
  ['no more than the whole list', chain([null, 'a'], 114), 114],
  ['what the last page held', chain([null, 'a'], 120, 14), 114],
  ['one row at least where a page was announced', chain([null, 'a'], 90), 101],
  ['nothing in an empty list', chain([null], 0, 0), 0],
])('the list is as long as %s', (_, known, rows) => {
  expect(rowCount(known)).toBe(rows);
});

test.each([
  ['the first page before anything is known', START, null, [0]],
  ['no page of a known list before it is known where a person stands', chain([null, 'a'], 200), null, []],
  ['the first page of an empty list, for what may be added', chain([null], 0, 0), null, [0]],
  ['the visible page and the next one', chain([null, 'a', 'b', 'c'], 400), { first: 1, last: 1 }, [1, 2]],
  [
    'both visible pages and the next one',
    chain([null, 'a', 'b', 'c'], 400),
    { first: 0, last: 1 },
    [0, 1, 2],
  ],
  ['none after the last one', chain([null, 'a'], 150), { first: 1, last: 1 }, [1]],
  ['the last one where a list has become shorter', chain([null, 'a'], 150), { first: 7, last: 8 }, [1]],
])('held is %s', (_, known, visible, pages) => {
  expect(pagesToHold(known, visible)).toEqual(pages);
});

test('a row that is on two pages counts for the first one', () => {
  const kept = withoutRepeats([
    [3, [{ id: 1 }, { id: 2 }]],
    [4, [{ id: 2 }, { id: 3 }]],
  ]);

  expect([...kept]).toEqual([
    [3, [{ id: 1 }, { id: 2 }]],
    [4, [{ id: 3 }]],
  ]);
});

test('the rows of a page without repeats stay the same object', () => {
  const rows = [{ id: 1 }];

  expect(withoutRepeats([[0, rows]]).get(0)).toBe(rows);
});

describe('shown are', () => {
  test('the visible rows and some on both sides', () => {
    const rows = rowsToShow({ startIndex: 100, endIndex: 110, count: 1000 });

    expect([rows[0], rows.at(-1)]).toEqual([88, 122]);
  });

  test('only rows that there are', () => {
    expect(rowsToShow({ startIndex: 0, endIndex: 2, count: 3 })).toEqual([0, 1, 2]);
  });

  test.each([10, 50, 59, 60, 80])('never more rows than allowed, with %i visible ones', (visible) => {
    const rows = rowsToShow({ startIndex: 500, endIndex: 499 + visible, count: 1000 });

    expect(rows.length).toBeLessThanOrEqual(60);
    expect(rows).toContain(500);
  });
});
