/**
 * Numbers, dates and clock times in the browser's language; what stands in a sentence in the language of the sentences.
 * Times come as RFC 3339, durations as seconds.
 */

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

/** The language of this interface. */
const WORDS = 'en';

/** Formats are dear to make, and a list has many: each is made once, and anew when the browser's language changes. */
function made<Format>(make: (languages: readonly string[]) => Format): () => Format {
  let known: { languages: readonly string[]; format: Format } | undefined;
  return () => {
    const { languages } = navigator;
    if (known?.languages !== languages) known = { languages, format: make(languages) };
    return known.format;
  };
}

const counts = made((languages) => new Intl.NumberFormat(languages));
const percents = made(
  (languages) => new Intl.NumberFormat(languages, { style: 'percent', maximumFractionDigits: 1 }),
);
const ratings = made(
  (languages) => new Intl.NumberFormat(languages, { minimumFractionDigits: 1, maximumFractionDigits: 1 }),
);
const dateTimes = made(
  (languages) => new Intl.DateTimeFormat(languages, { dateStyle: 'medium', timeStyle: 'short' }),
);
const dates = made(
  (languages) => new Intl.DateTimeFormat(languages, { dateStyle: 'medium', timeZone: 'UTC' }),
);
const times = made((languages) => new Intl.DateTimeFormat(languages, { timeStyle: 'short' }));
const timesOfDay = made(
  (languages) => new Intl.DateTimeFormat(languages, { timeStyle: 'short', timeZone: 'UTC' }),
);
const languageNames = made((languages) => new Intl.DisplayNames(languages, { type: 'language' }));
// Whole units of time that have passed, no "yesterday": that is a day of the calendar, whatever the hours between.
const relativeTimes = new Intl.RelativeTimeFormat(WORDS, { numeric: 'always' });
const lists = new Intl.ListFormat(WORDS, { style: 'long' });

/** 1523 → "1,523". */
export const count = (value: number) => counts().format(value);

/** 0 → "0 B", 1234 → "1 KB", 1234567 → "1.2 MB". */
export function byteSize(bytes: number): string {
  if (bytes < 1_000) return `${count(bytes)} B`;
  return bytes < 1_000_000
    ? `${count(Math.round(bytes / 1_000))} KB`
    : `${count(Math.round(bytes / 100_000) / 10)} MB`;
}

/** 78.5 → "78.5%"; of a whole number no decimal is shown. */
export const percent = (value: number) => percents().format(value / 100);

/** "Nov 22, 2025, 3:00 AM". */
export const dateTime = (at: string) => dateTimes().format(new Date(at));

/** "Nov 22, 2025"; a date without a time is no moment, so the time zone leaves it alone. */
export const date = (day: string) => dates().format(new Date(day));

/** "3:15 AM". */
export const time = (at: string) => times().format(new Date(at));

/** 3, 0 → "3:00 AM", wherever that is. */
export const timeOfDay = (hour: number, minute: number) =>
  timesOfDay().format(Date.UTC(2000, 0, 1, hour, minute));

/** "2 days ago", "in 3 hours", "just now"; `now` in milliseconds. */
export function relativeTime(at: string, now: number): string {
  const seconds = (Date.parse(at) - now) / 1000;
  for (const [unit, length] of UNITS) {
    if (Math.abs(seconds) >= length) return relativeTimes.format(Math.trunc(seconds / length), unit);
  }
  return Math.abs(seconds) < 45 * SECOND ? 'just now' : relativeTimes.format(Math.sign(seconds), 'minute');
}

/** 2.3 → "2.3 seconds", 1080 → "18 minutes", 9000 → "2 hours 30 minutes". */
export function duration(seconds: number): string {
  if (seconds < 9.95) return unit(Math.round(seconds * 10) / 10, 'second');
  if (seconds < MINUTE - 0.5) return unit(Math.round(seconds), 'second');
  const minutes = Math.round(seconds / MINUTE);
  const hours = Math.floor(minutes / 60);
  if (hours === 0) return unit(minutes, 'minute');
  return minutes % 60 ? `${unit(hours, 'hour')} ${unit(minutes % 60, 'minute')}` : unit(hours, 'hour');
}

const unit = (value: number, name: 'second' | 'minute' | 'hour') =>
  new Intl.NumberFormat(WORDS, {
    style: 'unit',
    unit: name,
    unitDisplay: 'long',
    maximumFractionDigits: 1,
  }).format(value);

/** "The Matrix (1999)", or the title alone where the year is not known. */
export const titleWithYear = (title: string, year: number | null | undefined) =>
  year ? `${title} (${year})` : title;

/** ["a", "b", "c"] → "a, b, and c". */
export const list = (parts: string[]) => lists.format(parts);

/** 8.3 → "8.3"; ratings have one decimal, always. */
export const rating = (value: number) => ratings().format(value);

/** "ko" → "Korean"; a code that nobody knows stays as it is. */
export function languageName(code: string): string {
  try {
    return languageNames().of(code) ?? code;
  } catch {
    return code;
  }
}
