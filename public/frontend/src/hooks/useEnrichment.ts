import { skipToken, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';

import { sinceUpdate } from '@/live/applyFrame';
import { afterRead } from '@/live/bulkRun';
import { usePolling, useSubscription } from '@/live/LiveProvider';
import { afterAnswer, isGoingOn, type MovieJob } from '@/live/movieJob';
import { ApiError, enrichmentApi, jobApi } from '@/utils/api';
import { queryKeys } from '@/utils/queryKeys';

export const useEnrichmentStats = () => {
  useSubscription('movie:enrichment');
  return useQuery({
    queryKey: queryKeys.stats,
    queryFn: ({ signal }) => enrichmentApi.getStats(signal),
    staleTime: 30_000,
    refetchOnMount: 'always',
    refetchInterval: usePolling(),
  });
};

export const useMovieEnrichmentStatus = (movieId: number) =>
  useQuery({
    queryKey: queryKeys.movieStatus(movieId),
    queryFn: ({ signal }) => enrichmentApi.getMovieStatus(movieId, signal),
    staleTime: 10_000,
    refetchOnMount: 'always',
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
    const answer = polled.data;
    if (!answer) return;
    client.setQueryData<MovieJob>(
      queryKeys.movieJob(movieId),
      (known) => known && afterAnswer(known, answer),
    );
    if (answer.completedAt) void client.invalidateQueries({ queryKey: queryKeys.movie(movieId) });
  }, [client, movieId, polled.data]);
  return data ?? null;
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
      // The film is gone: its page says so as soon as it has asked for it.
      if (error instanceof ApiError && error.status === 404)
        void client.invalidateQueries({ queryKey: queryKeys.movie(movieId) });
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
    queryFn: async ({ client, signal }) => {
      const answer = await enrichmentApi.getBulkStatus(signal);
      return afterRead(client.getQueryData(queryKeys.bulkStatus), answer, sinceUpdate(client));
    },
    staleTime: 30_000,
    refetchOnMount: 'always',
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

/** Ends a film's refresh; one that has ended by itself meanwhile is just as well. */
export const useCancelEnrichment = (movieId: number) => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (jobId: number) => {
      try {
        await jobApi.cancel(jobId);
      } catch (error) {
        if (!(error instanceof ApiError && error.code === 'job_ended')) throw error;
        await client.invalidateQueries({ queryKey: queryKeys.movie(movieId) });
      }
    },
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
