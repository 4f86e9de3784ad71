/** From what a person filled in to what the API is asked. Pure. */
import type { AddRequest } from '@/types/api';
import { NO_YEAR, parseYear } from '@/utils/year';

import { parseId } from './parseIds';

export interface Filled {
  title: string;
  year: string;
  /** An id of IMDb or TMDB, or an address there. */
  id: string;
}

export type FormField = keyof Filled;

export const NOTHING: Filled = { title: '', year: '', id: '' };

/** What to add, or what is wrong before anybody was asked. */
export function addRequest({ title, year, id }: Filled): AddRequest | { field: FormField; error: string } {
  if (!title.trim() && !id.trim()) return { field: 'title', error: 'Enter a title or an id' };
  if (parseYear(year) === undefined) return { field: 'year', error: NO_YEAR };
  const found = parseId(id);
  if (id.trim() && !found) {
    return {
      field: 'id',
      error:
        'Expected an IMDb id such as tt0133093, a TMDB id such as 603, or the address of a movie at imdb.com or themoviedb.org',
    };
  }
  return {
    title: title.trim() || null,
    year: year.trim() || null,
    imdbId: found && 'imdbId' in found ? found.imdbId : null,
    tmdbId: found && 'tmdbId' in found ? found.tmdbId : null,
    request: null,
  };
}

/** What a field of the request is called before a person. */
export const fieldLabel = (field: string) => LABELS[field] ?? field;

const LABELS: Record<string, string> = {
  title: 'Title',
  year: 'Year',
  imdbId: 'IMDb id',
  tmdbId: 'TMDB id',
};

/** Where the form shows an error that the API found in this field of the request. */
export function formField(field: string | undefined): FormField | null {
  if (field === 'title' || field === 'year') return field;
  return field === 'imdbId' || field === 'tmdbId' ? 'id' : null;
}
