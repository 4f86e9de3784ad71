import { useState } from 'react';

import { ApiError } from '@/utils/api';

import { useTriggerEnrichment } from './useEnrichment';
import { useWait } from './useWait';

export interface Refresh {
  /** Refreshes the film; with `force` what is still fresh too. */
  start: (force?: boolean) => void;
  /** It is being asked for. */
  busy: boolean;
  /** The job that it has become, or that was there already; null while there is none. */
  jobId: number | null;
  /** Seconds until it may be asked for again; 0 when it may. */
  wait: number;
  /** Why it was not begun. */
  error: Error | null;
}

/** A person's wish to refresh a film, and what came of it. A refusal is past once there is a later job than this. */
export function useRefresh(movieId: number, latestJobId: number): Refresh {
  const { mutate, isPending, data, error, submittedAt } = useTriggerEnrichment();
  const [jobBefore, setJobBefore] = useState(0);
  const onError = () => setJobBefore(latestJobId);
  return {
    start: (force = false) => mutate({ movieId, force }, { onError }),
    busy: isPending,
    jobId: data?.jobId ?? (error instanceof ApiError ? (error.jobId ?? null) : null),
    wait: useWait(error, submittedAt),
    error: latestJobId > jobBefore ? null : error,
  };
}
