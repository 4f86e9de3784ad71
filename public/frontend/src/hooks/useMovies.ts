import {
  hashKey,
  type QueryClient,
  queryOptions,
  skipToken,
  useIsMutating,
  useMutation,
  useQueries,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useEffect, useState } from 'react';

import { keepImport } from '@/hooks/useImportJob';
import { usePolling, useSubscription } from '@/live/LiveProvider';
import type { AddRequest, IdentifyRequest, MovieListParameters, MovieSummary } from '@/types/api';
import { movieApi } from '@/utils/api';
import {
  type Chain,
  follow,
  PAGE_SIZE,
  type PageRange,
  pagesToHold,
  rowCount,
  START,
  withoutRepeats,
} from '@/utils/paging';
import { queryKeys } from '@/utils/queryKeys';

export type ListParameters = Omit<MovieListParameters, 'cursor' | 'limit' | 'after'>;

/** A page that is out of sight for this long is forgotten. */
const KEPT_MS = 120_000;

export interface MovieList {
  /** Which list this is: another one after another search. */
  id: string;
  /** Rows that can be scrolled to so far. */
  count: number;
  /** Films that match; null while nothing is known. */
  total: number | null;
  /** Rows of the pages that are held, by number of the page. */
  pages: ReadonlyMap<number, readonly MovieSummary[]>;
  /** What was asked for last is still being read; this is the list before. */
  changing: boolean;
  /** Why visible rows are missing. */
  failure: { error: Error; retry: () => void; retrying: boolean } | null;
}

/**
 * The films, of which only the pages with visible rows are held and kept up to date. While other films are asked for
 * the list before stays.
 */
export function useMovies(wanted: ListParameters, visible: PageRange | null): MovieList {
  useSubscription('movie:enrichment');
  const client = useQueryClient();
  const refetchInterval = usePolling();
  // Messages come for as long as the list is shown: what was read before may have missed some.
  const [since] = useState(Date.now);
  const refetchOnMount = ({ state }: { state: { dataUpdatedAt: number } }) =>
    state.dataUpdatedAt < since ? 'always' : true;
  const { parameters, changing } = useShownParameters(wanted);
  const { data: chain = START } = useQuery<Chain>({
    queryKey: chainKey(parameters),
    queryFn: skipToken,
    staleTime: Infinity,
    gcTime: Infinity,
  });
  const held = pagesToHold(chain, visible);
  const results = useQueries({
    queries: held.map((page) => ({ ...pageQuery(parameters, page), refetchInterval, refetchOnMount })),
  });

  // The chain follows what was read, and a page that begins elsewhere by now is read again.
  useEffect(() => {
    const known = held.flatMap((page, position) => {
      const result = results[position];
      return result?.data ? [{ page, result, data: result.data }] : [];
    });
    const next = known
      .toSorted((a, b) => a.result.dataUpdatedAt - b.result.dataUpdatedAt)
      .reduce(
        (grown, { page, data }) => (data.cursor === grown.cursors[page] ? follow(grown, page, data) : grown),
        chain,
      );
    if (next !== chain) client.setQueryData(chainKey(parameters), next);
    for (const { page, result, data } of known) {
      if (page < next.cursors.length && data.cursor !== next.cursors[page] && result.fetchStatus === 'idle') {
        // One that could not be read again waits for the next occasion.
        if (result.status === 'success') void result.refetch();
      }
    }
  });

  const failed = results.find(
    ({ isError, data }, position) =>
      isError && data === undefined && (held[position] ?? 0) <= Math.max(visible?.last ?? 0, held[0] ?? 0),
  );
  return {
    id: hashKey([parameters]),
    count: rowCount(chain),
    total: chain.total,
    pages: withoutRepeats(
      held.flatMap((page, position) => {
        const movies = results[position]?.data?.movies;
        return movies ? [[page, movies] as const] : [];
      }),
    ),
    changing,
    failure: failed?.error
      ? { error: failed.error, retry: () => void failed.refetch(), retrying: failed.isFetching }
      : null,
  };
}

/** What to show: what is wanted, but not before its first page is there. */
function useShownParameters(wanted: ListParameters) {
  const [parameters, setParameters] = useState(wanted);
  const changing = hashKey([wanted]) !== hashKey([parameters]);
  const first = useQuery({ ...pageQuery(wanted, 0), enabled: changing });
  if (changing && !first.isPending) setParameters(wanted);
  return { parameters, changing };
}

const chainKey = (parameters: ListParameters) => ['movie-chain', parameters];

const knownChain = (client: QueryClient, parameters: ListParameters) =>
  client.getQueryData<Chain>(chainKey(parameters)) ?? START;

const pageQuery = (parameters: ListParameters, page: number) =>
  queryOptions({
    // By its number, not its cursor: while it is read from another place its rows stay.
    queryKey: [...queryKeys.movies, parameters, page],
    queryFn: async ({ client, signal }) => {
      const cursor = knownChain(client, parameters).cursors[page] ?? null;
      const answer = await movieApi.list(
        { ...parameters, limit: PAGE_SIZE, ...(cursor !== null && { cursor }) },
        signal,
      );
      return { ...answer, cursor };
    },
    staleTime: 30_000,
    gcTime: KEPT_MS,
  });

export const useMovie = (movieId: number) =>
  useQuery({
    queryKey: queryKeys.movie(movieId),
    queryFn: ({ signal }) => movieApi.get(movieId, signal),
    staleTime: 10_000,
    refetchOnMount: 'always',
    refetchInterval: usePolling(),
  });

/** Films that a title may mean, as TMDB knows them; nothing is asked for an empty title. */
export const useCandidates = (title: string, year: number | null) =>
  useQuery({
    queryKey: ['candidates', title, year],
    queryFn: title ? ({ signal }) => movieApi.candidates(title, year, signal) : skipToken,
    staleTime: 300_000,
    retry: false,
  });

/** After a film was added, changed or removed everything that shows films is read anew. */
function useLibraryMutation<Wanted, Written>(
  mutationFn: (wanted: Wanted) => Promise<Written>,
  mutationKey: string[] = [],
) {
  const client = useQueryClient();
  return useMutation({
    mutationFn,
    mutationKey,
    onSuccess: () =>
      Promise.all(
        [queryKeys.movies, queryKeys.stats, queryKeys.bulkStatus].map((queryKey) =>
          client.invalidateQueries({ queryKey }),
        ),
      ),
  });
}

export const useAddMovie = () => useLibraryMutation((movie: AddRequest) => movieApi.add(movie));

const IMPORT = ['import'];

export const useImportMovies = () => {
  const client = useQueryClient();
  return useLibraryMutation(async (file: File) => {
    const answer = await movieApi.importFile(file);
    if ('jobId' in answer) {
      const { jobId, ignoredColumns } = answer;
      keepImport(client, { jobId, ignoredColumns, told: false });
    }
    return answer;
  }, IMPORT);
};

/** A file is being sent: what comes of it is said in its place alone. */
export const useIsImporting = () => useIsMutating({ mutationKey: IMPORT }) > 0;

export const useRemoveMovie = () => {
  const client = useQueryClient();
  return useLibraryMutation(async (movieId: number) => {
    const removed = await movieApi.remove(movieId);
    // Its page still stands: it is not asked for now, but is when somebody comes back to it.
    void client.invalidateQueries({ queryKey: queryKeys.movie(movieId), refetchType: 'none' });
    return removed;
  });
};

export const useIdentifyMovie = (movieId: number) => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (ids: IdentifyRequest) => movieApi.identify(movieId, ids),
    onSuccess: () =>
      Promise.all(
        [queryKeys.movie(movieId), queryKeys.movies, queryKeys.stats].map((queryKey) =>
          client.invalidateQueries({ queryKey }),
        ),
      ),
  });
};
