/** The years that a film may be of, as the API takes them. */
const FIRST = 1870;
const LAST = 2200;

export const NO_YEAR = `Expected a year from ${FIRST} to ${LAST}, for example 1999`;

/** The year that a person typed: null where nothing was, undefined where it is no year of a film. */
export function parseYear(text: string): number | null | undefined {
  const typed = text.trim();
  if (!typed) return null;
  const year = /^\d{4}$/.test(typed) ? Number(typed) : NaN;
  return year >= FIRST && year <= LAST ? year : undefined;
}
