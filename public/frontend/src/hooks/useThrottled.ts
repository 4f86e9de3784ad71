import { useEffect, useRef, useState } from 'react';

/** A value that changes often, taken over at most every so many milliseconds. */
export function useThrottled<Value>(value: Value, everyMs: number): Value {
  const newest = useRef(value);
  const [shown, setShown] = useState(value);
  useEffect(() => {
    newest.current = value;
  }, [value]);
  useEffect(() => {
    const timer = setInterval(() => setShown(newest.current), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return shown;
}
