/** Numbers, dates and durations in the browser's language. Times come as RFC 3339, durations as seconds. */

const SECOND = 1;
const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;
const WEEK = 7 * DAY;
const MONTH = 30.44 * DAY;
const YEAR = 365.25 * DAY;

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', YEAR],
  ['month', MONTH],
  ['week', WEEK],
  ['day', DAY],
  ['hour', HOUR],
  ['minute', MINUTE],
];

// The browser's language is read when it is needed: a page may live longer than a choice of language.
const language = () => navigator.languages;

/** 1523 → "1,523". */
export const count = (value: number) => new Intl.NumberFormat(language()).format(value);

/** 78.5 → "78.5%"; of a whole number no decimal is shown. */
export const percent = (value: number) =>
  new Intl.NumberFormat(language(), { style: 'percent', maximumFractionDigits: 1 }).format(value / 100);

/** "Nov 22, 2025, 3:00 AM". */
export const dateTime = (at: string) =>
  new Intl.DateTimeFormat(language(), { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(at));

/** "Nov 22, 2025"; a date without a time is no moment, so the time zone leaves it alone. */
export const date = (day: string) =>
  new Intl.DateTimeFormat(language(), { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(day));

/** "3:15 AM". */
export const time = (at: string) =>
  new Intl.DateTimeFormat(language(), { timeStyle: 'short' }).format(new Date(at));

/** "2 days ago", "in 3 hours", "just now"; `now` in milliseconds. */
export function relativeTime(at: string, now: number): string {
  const seconds = (Date.parse(at) - now) / 1000;
  const format = new Intl.RelativeTimeFormat(language(), { numeric: 'auto' });
  for (const [unit, length] of UNITS) {
    if (Math.abs(seconds) >= length) return format.format(Math.trunc(seconds / length), unit);
  }
  return Math.abs(seconds) < 45 * SECOND
    ? 'just now'
    : format.format(Math.round(seconds / MINUTE) || 0, 'minute');
}

/** 2.3 → "2.3 seconds", 1080 → "18 minutes", 9000 → "2 hours 30 minutes". */
export function duration(seconds: number): string {
  if (seconds < MINUTE)
    return unit(seconds < 10 ? Math.round(seconds * 10) / 10 : Math.round(seconds), 'second');
  if (seconds < HOUR) return unit(Math.round(seconds / MINUTE), 'minute');
  const hours = Math.floor(seconds / HOUR);
  const minutes = Math.round((seconds - hours * HOUR) / MINUTE);
  return minutes ? `${unit(hours, 'hour')} ${unit(minutes, 'minute')}` : unit(hours, 'hour');
}

const unit = (value: number, name: 'second' | 'minute' | 'hour') =>
  new Intl.NumberFormat(language(), {
    style: 'unit',
    unit: name,
    unitDisplay: 'long',
    maximumFractionDigits: 1,
  }).format(value);

/** "The Matrix (1999)", or the title alone where the year is not known. */
export const titleWithYear = (title: string, year: number | null | undefined) =>
  year ? `${title} (${year})` : title;

/** ["a", "b", "c"] → "a, b, and c". */
export const list = (parts: string[]) => new Intl.ListFormat(language(), { style: 'long' }).format(parts);
