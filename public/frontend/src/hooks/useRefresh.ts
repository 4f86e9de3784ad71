import { useState } from 'react';

import { ApiError } from '@/utils/api';

import { useTriggerEnrichment } from './useEnrichment';
import { useNow } from './useNow';

export interface Refresh {
  /** Refreshes the film; with `force` what is still fresh too. */
  start: (force?: boolean) => void;
  /** It is being asked for. */
  busy: boolean;
  /** Seconds until it may be asked for again; 0 when it may. */
  wait: number;
  /** Why it was not begun. */
  error: Error | null;
}

/** A person's wish to refresh a film, and what came of it. A refusal is past once there is a later job than this. */
export function useRefresh(movieId: number, latestJobId: number): Refresh {
  const { mutate, isPending, error } = useTriggerEnrichment();
  const [refused, setRefused] = useState({ latestJobId: 0, until: 0 });
  const now = useNow();
  const onError = (failure: Error) => {
    const seconds = failure instanceof ApiError ? (failure.retryAfter ?? 0) : 0;
    setRefused({ latestJobId, until: Date.now() + seconds * 1000 });
  };
  return {
    start: (force = false) => mutate({ movieId, force }, { onError }),
    busy: isPending,
    wait: Math.max(0, Math.ceil((refused.until - now) / 1000)),
    error: latestJobId > refused.latestJobId ? null : error,
  };
}
