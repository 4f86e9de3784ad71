import { useTicking } from '@/hooks/useNow';
import { dateTime, relativeTime } from '@/utils/format';

/** A time as "2 days ago" or "in 3 hours", with the exact one on hover; it moves on by itself. */
export function Moment({ at }: { at: string }) {
  const text = useTicking((now) => relativeTime(at, now));
  return (
    <time dateTime={at} title={dateTime(at)}>
      {text}
    </time>
  );
}
