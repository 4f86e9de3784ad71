/** Whether two films are the same one by title and year, as far as both are known. Pure. */

export interface Named {
  title: string;
  year?: number | null;
}

const YEAR_IN_TITLE = /^(.+?)\s*\((\d{4})\)$/;

/** "Heat (1995)" without a year is Heat of 1995. */
export function splitYear({ title, year }: Named): Named {
  const [, name, inTitle] = YEAR_IN_TITLE.exec(title.trim()) ?? [];
  return !year && name && inTitle ? { title: name, year: Number(inTitle) } : { title, year: year ?? null };
}

/** The film among these that has this title, whatever its case and accents, and this year; a missing year may be any. */
export function sameMovie<Movie extends Named>(wanted: Named, movies: readonly Movie[]): Movie | null {
  const named = movies.filter(({ title }) => plain(title) === plain(wanted.title));
  return (
    named.find(({ year }) => year === wanted.year) ?? named.find(({ year }) => !year || !wanted.year) ?? null
  );
}

const plain = (title: string) =>
  title.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replace(/\s+/g, ' ').trim();
