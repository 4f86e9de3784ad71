import { fireEvent, screen, waitFor } from '@testing-library/react';
import { delay, http, HttpResponse } from 'msw';
import { useState } from 'react';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { ConnectionBanner } from '@/components/layout/ConnectionBanner';
import { ConnectionState } from '@/components/layout/ConnectionState';
import { bulkStatus, currentRun } from '@/components/settings/bulkStatus.fixture';
import { useBulkStatus, useEnrichmentStats } from '@/hooks/useEnrichment';
import { show } from '@/test/render';
import { answer, server } from '@/test/server';
import { playSocket } from '@/test/socket';

import { useSubscription } from './LiveProvider';

const BANNER = /^Live updates are away just now/;
const socket = playSocket();

function Run() {
  const { data } = useBulkStatus();
  return <p>{data ? `${data.currentRun?.processedMovies ?? 0} movies` : 'nothing'}</p>;
}

function Figures() {
  return <p>{useEnrichmentStats().data?.total}</p>;
}

/** Tells of a movie whose refresh has ended. */
const complete = (movieId: number) =>
  socket.send({
    type: 'enrichment:complete',
    movieId,
    jobId: movieId,
    seq: movieId,
    completeness: 92,
    partial: false,
    rateLimitedProviders: [],
    freshSince: null,
  });

function Page() {
  return (
    <>
      <ConnectionState />
      <ConnectionBanner />
      <Run />
    </>
  );
}

/** Waits for the connection. */
async function live() {
  expect(await screen.findByRole('button', { name: 'Live' })).toBeInTheDocument();
}

beforeEach(() => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  answer('/about', { version: '1.2.3', demo: false });
});
afterEach(() => void vi.useRealTimers());

describe('while the connection is there', () => {
  test('nothing is asked for twice, and runs are subscribed to', async () => {
    const asked = answer('/enrichment/bulk-status', { ...bulkStatus({ currentRun: currentRun() }) });
    show(<Page />);
    await live();
    expect(await screen.findByText('640 movies')).toBeInTheDocument();

    await vi.advanceTimersByTimeAsync(15_000);

    expect(asked).toHaveLength(1);
    expect(socket.received).toContainEqual({ type: 'subscribe', channel: 'bulk:enrichment' });
    expect(screen.queryByText(BANNER)).not.toBeInTheDocument();
  });

  test('messages are shown without asking', async () => {
    const asked = answer('/enrichment/bulk-status', { ...bulkStatus({ currentRun: currentRun() }) });
    show(<Page />);
    await live();
    await screen.findByText('640 movies');

    socket.send({ type: 'bulk:progress', ...currentRun({ processedMovies: 762, seq: 4801 }) });

    expect(await screen.findByText('762 movies')).toBeInTheDocument();
    expect(asked).toHaveLength(1);
  });

  test('however many movies are finished, the figures of the library are read anew once', async () => {
    const asked = answer('/movies/enrichment/stats', { total: 3 });
    show(
      <>
        <ConnectionState />
        <Figures />
      </>,
    );
    await live();
    await screen.findByText('3');

    for (const movieId of [1, 2, 3]) complete(movieId);
    await vi.advanceTimersByTimeAsync(8_000);

    expect(asked).toHaveLength(2);
  });

  test('an answer that takes longer than the next movie comes all the same', async () => {
    answer('/movies/enrichment/stats', { total: 3 });
    show(
      <>
        <ConnectionState />
        <Figures />
      </>,
    );
    await live();
    await screen.findByText('3');
    server.use(
      http.get('/api/movies/enrichment/stats', async () => {
        await delay(5_000);
        return HttpResponse.json({ success: true, data: { total: 4 } });
      }),
    );

    for (const movieId of [1, 2, 3, 4, 5, 6, 7, 8, 9]) {
      complete(movieId);
      await vi.advanceTimersByTimeAsync(1_000);
    }

    expect(await screen.findByText('4')).toBeInTheDocument();
  });

  test('a movie is subscribed to for as long as it is shown', async () => {
    function Movie({ movieId }: { movieId: number }) {
      useSubscription('movie:enrichment', movieId);
      return null;
    }
    function Details() {
      const [open, setOpen] = useState(true);
      return (
        <>
          <button onClick={() => setOpen(false)}>Close</button>
          {open && <Movie movieId={7} />}
        </>
      );
    }
    show(
      <>
        <ConnectionState />
        <Details />
      </>,
    );
    await live();
    await waitFor(() =>
      expect(socket.received).toContainEqual({ type: 'subscribe', channel: 'movie:enrichment', movieId: 7 }),
    );

    fireEvent.click(screen.getByText('Close'));

    await waitFor(() =>
      expect(socket.received).toContainEqual({
        type: 'unsubscribe',
        channel: 'movie:enrichment',
        movieId: 7,
      }),
    );
  });
});

describe('when the connection is lost', () => {
  test('it is said, the data is asked for every few seconds, and it is said after a while what that means', async () => {
    const asked = answer('/enrichment/bulk-status', { ...bulkStatus({ currentRun: currentRun() }) });
    show(<Page />);
    await live();
    await screen.findByText('640 movies');
    socket.refuse();

    socket.cut();

    expect(await screen.findByRole('button', { name: 'Offline' })).toBeInTheDocument();
    expect(screen.queryByText(BANNER)).not.toBeInTheDocument();
    await vi.advanceTimersByTimeAsync(3_500);
    expect(await screen.findByText(BANNER)).toBeInTheDocument();
    await vi.advanceTimersByTimeAsync(8_000);
    await waitFor(() => expect(asked.length).toBeGreaterThanOrEqual(3));
  });

  test('what was missed is read when it is back, and nothing is asked for again and again', async () => {
    answer('/enrichment/bulk-status', { ...bulkStatus({ currentRun: currentRun() }) });
    show(<Page />);
    await live();
    await screen.findByText('640 movies');
    const asked = answer('/enrichment/bulk-status', {
      ...bulkStatus({ currentRun: currentRun({ processedMovies: 900 }) }),
    });

    socket.cut();
    expect(await screen.findByRole('button', { name: 'Offline' })).toBeInTheDocument();
    await vi.advanceTimersByTimeAsync(1_500);

    await live();
    expect(await screen.findByText('900 movies')).toBeInTheDocument();
    const read = asked.length;
    await vi.advanceTimersByTimeAsync(15_000);
    expect(asked).toHaveLength(read);
    expect(screen.queryByText(BANNER)).not.toBeInTheDocument();
  });
});
