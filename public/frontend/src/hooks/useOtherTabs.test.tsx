import { waitFor } from '@testing-library/react';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { ImportWatch } from '@/components/movies/ImportWatch';
import { useEnrichmentStats } from '@/hooks/useEnrichment';
import { show } from '@/test/render';
import { answer } from '@/test/server';
import { playSocket } from '@/test/socket';
import { movieApi } from '@/utils/api';

playSocket();

let other: BroadcastChannel;
let heard: unknown[];

beforeEach(() => {
  heard = [];
  other = new BroadcastChannel('metarr');
  other.onmessage = ({ data }: MessageEvent<unknown>) => heard.push(data);
});

afterEach(() => other.close());

function Figures() {
  useEnrichmentStats();
  return null;
}

const queryOf = (request: Request | undefined) => new URL(request?.url ?? '').search;

test('what another tab has written is read anew, once for several writes, and shows the last of them', async () => {
  const stats = answer('/movies/enrichment/stats', {});
  show(<Figures />);
  await waitFor(() => expect(stats).toHaveLength(1));

  other.postMessage(40);
  other.postMessage(41);

  await waitFor(() => expect(stats).toHaveLength(2));
  expect(queryOf(stats[1])).toBe('?after=41');
});

test('what this tab writes is told to the others, and not to itself', async () => {
  const stats = answer('/movies/enrichment/stats', {});
  answer('/movies/7', { movieId: 7, seq: 50 }, 'delete');
  show(<Figures />);
  await waitFor(() => expect(stats).toHaveLength(1));

  await movieApi.remove(7);

  await waitFor(() => expect(heard).toEqual([50]));
  expect(stats).toHaveLength(1);
});

test('a page that has gone tells and hears nothing', async () => {
  const stats = answer('/movies/enrichment/stats', {});
  answer('/movies/7', { movieId: 7, seq: 60 }, 'delete');
  const { unmount } = show(<Figures />);
  await waitFor(() => expect(stats).toHaveLength(1));
  unmount();

  other.postMessage(61);
  await movieApi.remove(7);
  const later = new BroadcastChannel('metarr');
  later.postMessage('the last one');
  later.close();

  await waitFor(() => expect(heard).toEqual(['the last one']));
  expect(stats).toHaveLength(1);
});

test('the end of a long import is told to the others, too', async () => {
  sessionStorage.setItem('metarr-import', JSON.stringify({ jobId: 40, told: false }));
  answer('/jobs/40', { jobId: 40, kind: 'import', state: 'completed', progress: 100, report: null });
  show(<ImportWatch />);

  await waitFor(() => expect(heard).toEqual([0]));
});
