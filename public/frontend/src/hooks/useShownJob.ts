import { useIsFetching } from '@tanstack/react-query';
import { useMemo, useState } from 'react';

import { afterStatus, isGoingOn, type MovieJob } from '@/live/movieJob';
import { queryKeys } from '@/utils/queryKeys';

import { useMovieEnrichmentStatus, useMovieJob } from './useEnrichment';

/**
 * The film's refresh as it is to be shown, live. The end of one is shown together with what it brought: until that has
 * been read the job stays as it was before.
 */
export function useShownJob(movieId: number): MovieJob | null {
  const known = useMovieJob(movieId);
  const lastJob = useMovieEnrichmentStatus(movieId).data?.lastJob;
  const job = useMemo(() => afterStatus(known, lastJob), [known, lastJob]);
  const reading = useIsFetching({ queryKey: queryKeys.movie(movieId) }) > 0;
  const [shown, setShown] = useState(job);
  if (shown === job || (reading && !isGoingOn(job))) return shown;
  setShown(job);
  return job;
}
