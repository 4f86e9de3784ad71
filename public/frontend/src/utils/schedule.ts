import { timeOfDay } from './format';

const DAILY = /^(\d{1,2}) +(\d{1,2}) +\* +\* +\*$/;

/** "0 3 * * *" → "Daily at 3:00 AM"; a rule that is not daily at one time is named as it is written. */
export function scheduleInWords({ cron, timeZone }: { cron: string; timeZone: string }): string {
  const [, minute, hour] = DAILY.exec(cron.trim()) ?? [];
  const rule = hour && minute ? `Daily at ${timeOfDay(Number(hour), Number(minute))}` : cron;
  return canonical(timeZone) === canonical() ? rule : `${rule} (${timeZone})`;
}

/** The one name of a time zone that has several; the browser's zone where none is given. */
function canonical(timeZone?: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone;
  } catch {
    return timeZone ?? '';
  }
}
