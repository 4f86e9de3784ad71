/** What the list of movies shows, as its address says it: `?filter=incomplete&sort=completeness:asc`. Pure. */
import type { ListParameters } from '@/hooks/useMovies';
import type { MovieFilter, MovieSort, SortOrder } from '@/types/api';
import { BANDS, FIELDS } from '@/types/fields';

export type ListSort = Exclude<MovieSort, 'id'>;

export interface ListState {
  filter: MovieFilter;
  /** Name of a field; empty for no such condition. */
  missing: string;
  search: string;
  sort: ListSort;
  order: SortOrder;
}

/** The groups are called as the dashboard calls them. */
export const FILTERS: Record<MovieFilter, string> = {
  all: 'All',
  incomplete: `Incomplete (below ${BANDS.enrichedFrom}%)`,
  enriched: `Enriched (${BANDS.enrichedFrom}% and more)`,
  partial: `Partial (${BANDS.partialFrom}–${BANDS.enrichedFrom - 1}%)`,
  unenriched: `Missing (below ${BANDS.partialFrom}%)`,
  limited: 'Limited',
  unidentified: 'Unidentified',
};

/** Each with the direction that a person wants first. */
export const SORTS: Record<ListSort, { label: string; order: SortOrder }> = {
  title: { label: 'Title', order: 'asc' },
  year: { label: 'Year', order: 'desc' },
  completeness: { label: 'Completeness', order: 'asc' },
  lastEnriched: { label: 'Last enriched', order: 'desc' },
  added: { label: 'Added', order: 'desc' },
};

export const DEFAULTS: ListState = { filter: 'all', missing: '', search: '', sort: 'title', order: 'asc' };

const LONGEST_SEARCH = 200;

export const normalSearch = (text: string) => text.trim().slice(0, LONGEST_SEARCH);

const has = <Key extends string>(known: Record<Key, unknown>, key: string): key is Key =>
  Object.hasOwn(known, key);

const isTracked = (name: string): name is NonNullable<ListParameters['missing']> =>
  FIELDS.some((field) => field.tracked && field.name === name);

/** What an address says; whatever it says wrong counts as not said. */
export function readState(address: URLSearchParams): ListState {
  const filter = address.get('filter') ?? '';
  const missing = address.get('missing') ?? '';
  const [sort = '', order] = (address.get('sort') ?? '').split(':');
  const known = has(SORTS, sort) ? sort : DEFAULTS.sort;
  return {
    filter: has(FILTERS, filter) ? filter : DEFAULTS.filter,
    missing: isTracked(missing) ? missing : DEFAULTS.missing,
    search: normalSearch(address.get('search') ?? ''),
    sort: known,
    order: has(SORTS, sort) && (order === 'asc' || order === 'desc') ? order : SORTS[known].order,
  };
}

/** The address with this state; other things that it says stay, and what goes without saying is left out. */
export function writeState(address: URLSearchParams, state: ListState): URLSearchParams {
  const written = new URLSearchParams(address);
  const say = (name: string, value: string, silent: boolean) =>
    silent ? written.delete(name) : written.set(name, value);
  say('filter', state.filter, state.filter === DEFAULTS.filter);
  say('missing', state.missing, state.missing === DEFAULTS.missing);
  say('search', state.search, state.search === DEFAULTS.search);
  say('sort', `${state.sort}:${state.order}`, state.sort === DEFAULTS.sort && state.order === DEFAULTS.order);
  return written;
}

/** Whether films may be left out. */
export const isNarrowed = ({ filter, missing, search }: ListState) =>
  filter !== DEFAULTS.filter || missing !== '' || search !== '';

export const parametersOf = ({ filter, missing, search, sort, order }: ListState): ListParameters => ({
  filter,
  sort,
  order,
  ...(isTracked(missing) && { missing }),
  ...(search && { search }),
});

/** The state after a person asked for this order: once more for the same turns it round. */
export function sortedBy(state: ListState, sort: ListSort): ListState {
  if (state.sort !== sort) return { ...state, sort, order: SORTS[sort].order };
  return { ...state, order: state.order === 'asc' ? 'desc' : 'asc' };
}
