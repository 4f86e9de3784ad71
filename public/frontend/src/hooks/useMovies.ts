import {
  keepPreviousData,
  skipToken,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';

import type { AddRequest, IdentifyRequest, MovieListParameters } from '@/types/api';
import { movieApi } from '@/utils/api';
import { queryKeys } from '@/utils/queryKeys';

export const PAGE_SIZE = 100;

/** The films, a page at a time. */
export const useMovies = (parameters: Omit<MovieListParameters, 'cursor' | 'limit' | 'after'>) =>
  useInfiniteQuery({
    queryKey: [...queryKeys.movies, parameters],
    queryFn: ({ pageParam, signal }) =>
      movieApi.list({ ...parameters, limit: PAGE_SIZE, ...(pageParam && { cursor: pageParam }) }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });

export const useMovie = (movieId: number) =>
  useQuery({
    queryKey: queryKeys.movie(movieId),
    queryFn: ({ signal }) => movieApi.get(movieId, signal),
    staleTime: 10_000,
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
function useLibraryMutation<Wanted, Written>(mutationFn: (wanted: Wanted) => Promise<Written>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn,
    onSuccess: () =>
      Promise.all(
        [queryKeys.movies, queryKeys.stats, queryKeys.bulkStatus].map((queryKey) =>
          client.invalidateQueries({ queryKey }),
        ),
      ),
  });
}

export const useAddMovie = () => useLibraryMutation((movie: AddRequest) => movieApi.add(movie));

export const useImportMovies = () => useLibraryMutation((file: File) => movieApi.importFile(file));

export const useRemoveMovie = () => useLibraryMutation((movieId: number) => movieApi.remove(movieId));

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
