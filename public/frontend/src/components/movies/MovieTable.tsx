import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';

import { Card } from '@/components/ui/card';
import { Failed } from '@/components/ui/failed';
import type { MovieList } from '@/hooks/useMovies';
import { cn } from '@/utils/cn';
import { PAGE_SIZE, pageOf, type PageRange, rowsToShow } from '@/utils/paging';

import type { ListState } from './listState';
import { LoadingRow } from './LoadingRow';
import { MovieRow } from './MovieRow';
import { TableHead } from './TableHead';

interface MovieTableProps {
  list: MovieList;
  state: ListState;
  /** Of every row, in pixels. */
  height: number;
  onChange: (changed: Partial<ListState>) => void;
  /** Other pages have come into sight. */
  onVisible: (pages: PageRange) => void;
}

/** The films as a table that grows with the pages that were read, of which only what is visible is in the page. */
export function MovieTable({ list, state, height, onChange, onVisible }: MovieTableProps) {
  const body = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const virtualizer = useWindowVirtualizer({
    count: list.count,
    estimateSize: () => height,
    scrollMargin: top,
    rangeExtractor: rowsToShow,
  });
  const rows = virtualizer.getVirtualItems();
  const { range } = virtualizer;
  const first = range && pageOf(range.startIndex);
  const last = range && pageOf(range.endIndex);

  // What stands above the table may grow, for example by a banner.
  useLayoutEffect(() => {
    if (body.current) setTop(Math.round(body.current.getBoundingClientRect().top + window.scrollY));
  }, [list.id, first]);
  useEffect(() => {
    if (first === null || last === null) return;
    // The place in the list that a person comes back to is found a moment after the list is there.
    const frame = requestAnimationFrame(() => onVisible({ first, last }));
    return () => cancelAnimationFrame(frame);
  }, [onVisible, first, last]);

  return (
    <Card
      className={cn('relative overflow-clip transition-opacity', list.changing && 'opacity-60 delay-150')}
    >
      <div role="table" aria-label="Movies" aria-rowcount={(list.total ?? 0) + 1} aria-busy={list.changing}>
        <TableHead state={state} onChange={onChange} />
        <div
          ref={body}
          role="rowgroup"
          className="relative -mb-px [overflow-anchor:none]"
          style={{ height: list.count * height }}
        >
          {rows.map(({ index }) => {
            const movie = list.pages.get(pageOf(index))?.[index % PAGE_SIZE];
            return movie ? (
              <MovieRow key={index} movie={movie} index={index} height={height} />
            ) : (
              <LoadingRow key={index} index={index} height={height} />
            );
          })}
        </div>
      </div>
      {list.failure && (
        <div className="sticky bottom-20 z-10 p-3 md:bottom-3">
          <Failed
            what="These movies could not be loaded"
            error={list.failure.error}
            onRetry={list.failure.retry}
            retrying={list.failure.retrying}
          />
        </div>
      )}
    </Card>
  );
}
