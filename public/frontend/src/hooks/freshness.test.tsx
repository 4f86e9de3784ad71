import { screen, waitFor } from '@testing-library/react';
import { useState } from 'react';
import { expect, test } from 'vitest';

import { bulkStatus } from '@/components/settings/bulkStatus.fixture';
import { show } from '@/test/render';
import { answer } from '@/test/server';
import { playSocket } from '@/test/socket';

import { useActivity } from './useActivity';
import { useBulkStatus, useEnrichmentStats, useMovieEnrichmentStatus } from './useEnrichment';
import { useMovie, useMovies } from './useMovies';
import { useProviders } from './useProviders';

playSocket();

const text = (data: unknown) => JSON.stringify(data ?? null);
const EVERY_MOVIE = {};
const FIRST_PAGE = { first: 0, last: 0 };

const HOOKS = {
  stats: ['/movies/enrichment/stats', () => text(useEnrichmentStats().data)],
  movie: ['/movies/7', () => text(useMovie(7).data)],
  'status of a movie': ['/movies/7/enrichment-status', () => text(useMovieEnrichmentStatus(7).data)],
  'bulk status': ['/enrichment/bulk-status', () => text(useBulkStatus().data)],
  providers: ['/providers/status', () => text(useProviders().data)],
  activity: ['/activity/history', () => text(useActivity().data)],
  'list of movies': ['/movies', () => text([...useMovies(EVERY_MOVIE, FIRST_PAGE).pages])],
} as const;

test.each(Object.entries(HOOKS))(
  'no message was heard of while another page was shown: %s, read anew when a person comes back',
  async (_name, [path, useText]) => {
    answer('/enrichment/bulk-status', { ...bulkStatus() });
    const told = (mark: string) => ({
      ...bulkStatus(),
      mark,
      providers: [{ name: mark }],
      movies: [{ id: 1, title: mark }],
      activities: [{ id: 1, title: mark }],
      nextCursor: null,
      total: 1,
    });
    answer(path, told('before'));
    function Reader() {
      return <p>{useText()}</p>;
    }
    function Pages() {
      const [shown, setShown] = useState(true);
      return (
        <>
          {shown && <Reader />}
          <button onClick={() => setShown(!shown)}>{shown ? 'Leave' : 'Come back'}</button>
        </>
      );
    }
    const { user } = show(<Pages />);
    await screen.findByText(/before/);
    await user.click(screen.getByText('Leave'));
    const asked = answer(path, told('after'));

    await user.click(screen.getByText('Come back'));

    expect(await screen.findByText(/after/)).toBeInTheDocument();
    await waitFor(() => expect(asked).toHaveLength(1));
  },
);
