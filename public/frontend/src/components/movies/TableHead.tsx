import { ArrowDown, ArrowUp } from 'lucide-react';

import { cn } from '@/utils/cn';

import { type ListSort, type ListState, sortedBy } from './listState';
import { COLUMNS } from './rowLook';

interface TableHeadProps {
  state: ListState;
  onChange: (changed: Partial<ListState>) => void;
}

/** Names of the columns; a press on one sorts by it. Cards have none: they are sorted by the control above. */
export function TableHead({ state, onChange }: TableHeadProps) {
  const sortable = (sort: ListSort, label: string, className?: string) => (
    <SortHead
      label={label}
      order={state.sort === sort ? state.order : null}
      onSort={() => onChange(sortedBy(state, sort))}
      className={className}
    />
  );
  return (
    <div role="rowgroup" className="max-lg:hidden">
      <div
        role="row"
        aria-rowindex={1}
        className={cn('grid h-11 items-center border-b border-line text-xs font-medium text-muted', COLUMNS)}
      >
        {sortable('title', 'Movie')}
        {sortable('completeness', 'Completeness')}
        <div role="columnheader">Missing fields</div>
        <div role="columnheader">Attention</div>
        {sortable('lastEnriched', 'Last enriched', 'justify-self-end [&_button]:flex-row-reverse')}
      </div>
    </div>
  );
}

interface SortHeadProps {
  label: string;
  order: ListState['order'] | null;
  onSort: () => void;
  className?: string | undefined;
}

function SortHead({ label, order, onSort, className }: SortHeadProps) {
  const Arrow = order === 'desc' ? ArrowDown : ArrowUp;
  return (
    <div
      role="columnheader"
      aria-sort={order === null ? 'none' : order === 'asc' ? 'ascending' : 'descending'}
      className={className}
    >
      <button
        type="button"
        onClick={onSort}
        className={cn(
          '-mx-2 flex h-9 items-center gap-1 rounded-md px-2 whitespace-nowrap hover:text-ink',
          order !== null && 'text-ink',
        )}
      >
        {label}
        <Arrow aria-hidden className={cn('size-3.5', order === null && 'invisible')} />
      </button>
    </div>
  );
}
