/**
 * A long list that is read by cursor, each page by itself. A page's cursor is where the page before it ends, so the
 * cursors grow into a chain while a person scrolls; pages far from what is visible need not be held. Pure.
 */

export const PAGE_SIZE = 100;

export interface Chain {
  /** Where each page begins that is known so far; the first one begins at the beginning. */
  readonly cursors: readonly (string | null)[];
  /** Rows of the whole list, as the latest answer said; null before there is one. */
  readonly total: number | null;
  /** Rows of the last page, once the end was reached. */
  readonly lastRows: number | null;
}

export const START: Chain = { cursors: [null], total: null, lastRows: null };

/** Pages that hold visible rows, the first and the last of them. */
export interface PageRange {
  readonly first: number;
  readonly last: number;
}

interface Answer {
  readonly nextCursor: string | null;
  readonly total: number;
  readonly movies: readonly unknown[];
}

/**
 * The chain after page `page` was read. What is known of later pages stays, even where the next one now begins
 * elsewhere: they are read again when they come into sight, and meanwhile the list keeps its height.
 */
export function follow(chain: Chain, page: number, { nextCursor, total, movies }: Answer): Chain {
  const { cursors } = chain;
  if (nextCursor === null) {
    if (cursors.length === page + 1 && chain.lastRows === movies.length && chain.total === total)
      return chain;
    return { cursors: cursors.slice(0, page + 1), total, lastRows: movies.length };
  }
  if (cursors[page + 1] === nextCursor) return chain.total === total ? chain : { ...chain, total };
  const later = cursors.slice(page + 2);
  return {
    cursors: [...cursors.slice(0, page + 1), nextCursor, ...later],
    total,
    lastRows: later.length ? chain.lastRows : null,
  };
}

/** Rows that the list has so far: those of its known pages, of which the last may still have to be read. */
export function rowCount({ cursors, total, lastRows }: Chain): number {
  if (total === null) return 0;
  const before = (cursors.length - 1) * PAGE_SIZE;
  if (lastRows !== null) return before + lastRows;
  return Math.min(Math.max(total, before + 1), before + PAGE_SIZE);
}

export const pageOf = (row: number) => Math.floor(row / PAGE_SIZE);

/**
 * Numbers of the pages to hold: those with visible rows, and the next one ahead of need. Before it is known what is
 * visible that is the first page, or none where the list was there before and may be shown at another place. The first
 * page of an empty list is held as well: a film that is added is on it.
 */
export function pagesToHold({ cursors, total }: Chain, visible: PageRange | null): number[] {
  if (visible === null) return total ? [] : [0];
  const { first, last } = visible;
  const end = Math.min(last + 1, cursors.length - 1);
  const begin = Math.min(first, end);
  return Array.from({ length: end - begin + 1 }, (_, offset) => begin + offset);
}

/**
 * The rows of each held page. A row that moved from one page to another may be on both, read at different times: it
 * counts for the first of them, and the other one ends early until it was read again.
 */
export function withoutRepeats<Row extends { id: number }>(
  pages: Iterable<readonly [page: number, rows: readonly Row[]]>,
): Map<number, readonly Row[]> {
  const seen = new Set<number>();
  const kept = new Map<number, readonly Row[]>();
  for (const [page, rows] of pages) {
    const fresh = rows.filter(({ id }) => !seen.has(id));
    for (const { id } of fresh) seen.add(id);
    kept.set(page, fresh.length === rows.length ? rows : fresh);
  }
  return kept;
}

/** Most rows in the page at once. */
const MOST_ROWS = 60;
const AHEAD = 12;

/** The rows to show: the visible ones, and some on both sides as far as that many are allowed. */
export function rowsToShow(range: { startIndex: number; endIndex: number; count: number }): number[] {
  const { startIndex, endIndex, count } = range;
  const visible = endIndex - startIndex + 1;
  const ahead = Math.max(0, Math.min(AHEAD, Math.floor((MOST_ROWS - visible) / 2)));
  const first = Math.max(0, startIndex - ahead);
  const last = Math.min(count - 1, endIndex + ahead, first + MOST_ROWS - 1);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, offset) => first + offset);
}
