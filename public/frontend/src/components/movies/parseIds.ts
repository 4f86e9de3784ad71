/** Finds a film's id in what a person typed or pasted. Pure. */

export type FoundId = { imdbId: string } | { tmdbId: number };

const IMDB_ID = /^tt\d{7,10}$/;
const NUMBER = /^[1-9]\d{0,8}$/;

/**
 * An id of IMDb (`tt0133093`) or TMDB (`603`), or the address of a film at imdb.com or themoviedb.org; null for
 * anything else.
 */
export function parseId(text: string): FoundId | null {
  const typed = text.trim();
  const imdbId = typed.toLowerCase();
  if (IMDB_ID.test(imdbId)) return { imdbId };
  if (NUMBER.test(typed)) return { tmdbId: Number(typed) };
  return parseAddress(typed);
}

function parseAddress(typed: string): FoundId | null {
  const full = /^https?:\/\//i.test(typed) ? typed : `https://${typed}`;
  if (!URL.canParse(full)) return null;
  const address = new URL(full);
  const steps = address.pathname.split('/').filter(Boolean);
  if (belongsTo(address, 'imdb.com')) {
    const id = steps[steps.indexOf('title') + 1]?.toLowerCase() ?? '';
    return steps.includes('title') && IMDB_ID.test(id) ? { imdbId: id } : null;
  }
  if (belongsTo(address, 'themoviedb.org')) {
    const id = steps[steps.indexOf('movie') + 1]?.split('-')[0] ?? '';
    return steps.includes('movie') && NUMBER.test(id) ? { tmdbId: Number(id) } : null;
  }
  return null;
}

const belongsTo = ({ hostname }: URL, domain: string) =>
  hostname === domain || hostname.endsWith(`.${domain}`);
