import { ApiError } from '@/utils/api';

import { useNow } from './useNow';

/** Seconds until what was refused may be asked for again, counted down; 0 when it may. `submittedAt` in milliseconds. */
export function useWait(error: Error | null, submittedAt: number): number {
  const now = useNow();
  if (!(error instanceof ApiError) || error.retryAfter === undefined) return 0;
  return Math.max(0, Math.ceil(error.retryAfter - (now - submittedAt) / 1000));
}
