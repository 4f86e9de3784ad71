import { useSyncExternalStore } from 'react';

/** From this width the rows are a table, below it they are cards. */
const TABLE = '(min-width: 64rem)';
const TABLE_ROW = 72;
const CARD = 116;

/** Height of every row, in pixels. */
export function useRowHeight(): number {
  const isTable = useSyncExternalStore(listen, () => matchMedia(TABLE).matches);
  return isTable ? TABLE_ROW : CARD;
}

function listen(changed: () => void) {
  const query = matchMedia(TABLE);
  query.addEventListener('change', changed);
  return () => query.removeEventListener('change', changed);
}

/** Columns of the head and of every row, so that they stand in line. */
export const COLUMNS =
  'lg:grid-cols-[minmax(0,1.3fr)_6.5rem_minmax(0,1fr)_9rem_7.5rem] lg:grid-rows-1 lg:gap-x-4 lg:px-5';

/** A row in its place; nothing in it can change the layout outside of it. */
export const ROW = `absolute inset-x-0 top-0 grid grid-cols-[minmax(0,1fr)_auto] grid-rows-[1.75rem_1.25rem_1.75rem] content-center items-center gap-x-3 gap-y-0.5 border-b border-line px-4 pl-[5.25rem] [contain:strict] lg:content-stretch lg:py-0 ${COLUMNS}`;
