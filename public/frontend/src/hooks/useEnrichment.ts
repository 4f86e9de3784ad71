import { skipToken, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';

import { usePolling, useSubscription } from '@/live/LiveProvider';
import { isGoingOn, type MovieJob } from '@/live/movieJob';
import type { Job } from '@/types/api';
import { ApiError, enrichmentApi, jobApi } from '@/utils/api';
import { queryKeys } from '@/utils/queryKeys';

export const useEnrichmentStats = () => {
  useSubscription('movie:enrichment');
  return useQuery({
    queryKey: queryKeys.stats,
    queryFn: ({ signal }) => enrichmentApi.getStats(signal),
    staleTime: 30_000,
    refetchInterval: usePolling(),
  });
};

export const useMovieEnrichmentStatus = (movieId: number) =>
  useQuery({
    queryKey: queryKeys.movieStatus(movieId),
    queryFn: ({ signal }) => enrichmentApi.getMovieStatus(movieId, signal),
    staleTime: 10_000,
    refetchInterval: usePolling(),
  });

/** The film's refresh, live; null where none was seen since the page was opened. */
export function useMovieJob(movieId: number): MovieJob | null {
  useSubscription('movie:enrichment', movieId);
  const client = useQueryClient();
  const { data } = useQuery<MovieJob>({
    queryKey: queryKeys.movieJob(movieId),
    queryFn: skipToken,
    staleTime: Infinity,
  });
  const polling = usePolling();
  const polled = useQuery({
    queryKey: queryKeys.job(data?.jobId ?? 0),
    queryFn:
      data && polling && isGoingOn(data) ? ({ signal }) => jobApi.get(data.jobId, 0, signal) : skipToken,
    refetchInterval: polling,
  });
  useEffect(() => {
    const told = polled.data && jobWithoutSocket(polled.data);
    if (!told) return;
    client.setQueryData(queryKeys.movieJob(movieId), told);
    void client.invalidateQueries({ queryKey: queryKeys.movie(movieId) });
  }, [client, movieId, polled.data]);
  return data ?? null;
}

function jobWithoutSocket({ jobId, state, error }: Job): MovieJob | null {
  switch (state) {
    case 'completed':
      return { state, jobId, freshSince: null };
    case 'failed':
      return { state, jobId, error: error ?? 'The refresh failed' };
    case 'cancelled':
      return { state, jobId };
    default:
      return null;
  }
}

export const useTriggerEnrichment = () => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ movieId, force = false }: { movieId: number; force?: boolean }) =>
      enrichmentApi.triggerEnrich(movieId, force),
    onSuccess: ({ jobId }, { movieId }) => attach(client, movieId, jobId),
    onError: (error, { movieId }) => {
      // Somebody was faster: this page shows their job, as if it were its own.
      if (error instanceof ApiError && error.status === 409 && error.jobId)
        attach(client, movieId, error.jobId);
    },
  });
};

function attach(client: ReturnType<typeof useQueryClient>, movieId: number, jobId: number) {
  client.setQueryData<MovieJob>(queryKeys.movieJob(movieId), (known) =>
    known && known.jobId >= jobId ? known : { state: 'queued', jobId },
  );
}

export const useBulkStatus = () =>
  useQuery({
    queryKey: queryKeys.bulkStatus,
    queryFn: ({ signal }) => enrichmentApi.getBulkStatus(signal),
    staleTime: 30_000,
    refetchInterval: usePolling(),
  });

export const useTriggerBulkRun = () => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ force = false }: { force?: boolean }) => enrichmentApi.triggerBulkRun(force),
    // A run that was there already is shown just as one that was started.
    onSettled: () => client.invalidateQueries({ queryKey: queryKeys.bulkStatus }),
  });
};

export const useCancelJob = () => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ jobId }: { jobId: number }) => jobApi.cancel(jobId),
    onSettled: () => client.invalidateQueries({ queryKey: queryKeys.bulkStatus }),
  });
};

/** A job that is watched until it has ended; only imports need it, other jobs have live messages. */
export const useJob = (jobId: number | null, everyMs = 1_000) =>
  useQuery({
    queryKey: queryKeys.job(jobId ?? 0),
    queryFn: jobId === null ? skipToken : ({ signal }) => jobApi.get(jobId, 0, signal),
    refetchInterval: ({ state: { data } }) =>
      data && !['queued', 'running'].includes(data.state) ? false : everyMs,
  });
