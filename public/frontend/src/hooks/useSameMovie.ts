import { useMutation } from '@tanstack/react-query';

import { movieApi } from '@/utils/api';
import { type Named, sameMovie, splitYear } from '@/utils/sameMovie';

/** What the API takes at most. */
const LONGEST_SEARCH = 200;
const MOST = 200;

/** Asks, at the moment of adding, for a film of the library that has this title and year already. */
export const useSameMovie = () =>
  useMutation({
    mutationFn: async (named: Named) => {
      const wanted = splitYear(named);
      const search = wanted.title.slice(0, LONGEST_SEARCH);
      const { movies } = await movieApi.list({ search, limit: MOST, sort: 'title' });
      return sameMovie(wanted, movies);
    },
  });
