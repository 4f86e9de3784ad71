import { ArrowDownNarrowWide, ArrowUpNarrowWide } from 'lucide-react';

import { Button } from '@/components/ui/button';
import { Select } from '@/components/ui/input';
import { Tooltip } from '@/components/ui/tooltip';
import type { MovieFilter } from '@/types/api';
import { CATEGORIES, FIELDS } from '@/types/fields';

import { FILTERS, type ListSort, type ListState, SORTS } from './listState';
import { SearchInput } from './SearchInput';

interface ListControlsProps {
  state: ListState;
  onChange: (changed: Partial<ListState>) => void;
  onSearch: (search: string) => void;
}

/** Search, filters and order of the list. */
export function ListControls({ state, onChange, onSearch }: ListControlsProps) {
  const ascending = state.order === 'asc';
  const turned = ascending ? 'descending' : 'ascending';
  return (
    <div
      role="search"
      className="mb-4 grid gap-2 min-[27rem]:grid-cols-2 sm:grid-cols-[minmax(0,1fr)_minmax(0,1fr)_minmax(0,1.4fr)] xl:grid-cols-[minmax(0,1fr)_15rem_13rem_15rem]"
    >
      <div className="col-span-full xl:col-span-1">
        <SearchInput search={state.search} onSearch={onSearch} />
      </div>
      <Select
        aria-label="Filter"
        value={state.filter}
        onChange={(event) => onChange({ filter: event.target.value as MovieFilter })}
      >
        {Object.entries(FILTERS).map(([filter, label]) => (
          <option key={filter} value={filter}>
            {label}
          </option>
        ))}
      </Select>
      <Select
        aria-label="Missing field"
        value={state.missing}
        onChange={(event) => onChange({ missing: event.target.value })}
      >
        <option value="">Missing: any</option>
        {Object.entries(CATEGORIES).map(([category, label]) => (
          <optgroup key={category} label={label}>
            {FIELDS.filter((field) => field.tracked && field.category === category).map((field) => (
              <option key={field.name} value={field.name}>
                {`Missing: ${field.displayName}`}
              </option>
            ))}
          </optgroup>
        ))}
      </Select>
      <div className="flex gap-2 min-[27rem]:max-sm:col-span-2">
        <Select
          aria-label="Sort by"
          value={state.sort}
          onChange={(event) => {
            const sort = event.target.value as ListSort;
            onChange({ sort, order: SORTS[sort].order });
          }}
        >
          {Object.entries(SORTS).map(([sort, { label }]) => (
            <option key={sort} value={sort}>
              {`Sort: ${label}`}
            </option>
          ))}
        </Select>
        <Tooltip text={`Sorted ${state.order === 'asc' ? 'ascending' : 'descending'}. Change to ${turned}`}>
          <Button
            size="icon"
            className="shrink-0"
            aria-label={`Sort ${turned}`}
            onClick={() => onChange({ order: ascending ? 'desc' : 'asc' })}
          >
            {ascending ? <ArrowUpNarrowWide aria-hidden /> : <ArrowDownNarrowWide aria-hidden />}
          </Button>
        </Tooltip>
      </div>
    </div>
  );
}
