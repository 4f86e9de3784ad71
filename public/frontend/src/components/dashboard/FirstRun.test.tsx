import { screen, waitFor } from '@testing-library/react';
import { expect, test } from 'vitest';

import { lastRun } from '@/components/settings/bulkStatus.fixture';
import { show } from '@/test/render';
import { bulkStatus, currentRun } from '@/test/runs';
import { answer } from '@/test/server';
import { playSocket } from '@/test/socket';
import type { BulkEnrichmentStatus, EnrichmentStats } from '@/types/enrichment';
import { queryKeys } from '@/utils/queryKeys';

import { FirstRun } from './FirstRun';

playSocket();

function given(status: Partial<BulkEnrichmentStatus> = {}, stats: Partial<EnrichmentStats> = {}) {
  answer('/enrichment/bulk-status', bulkStatus(status));
  answer('/movies/enrichment/stats', {
    total: 1523,
    enriched: 0,
    partiallyEnriched: 0,
    unenriched: 1523,
    averageCompleteness: 0,
    topIncomplete: [],
    ...stats,
  });
  return show(<FirstRun />);
}

test('before the first run it says that nothing was fetched, when that will be, and leads to Run Now', async () => {
  const scheduledAt = new Date(Date.now() + 7_500_000).toISOString();
  const { user, address } = given({ nextRun: { scheduledAt, timeUntil: 7_500 } });

  const said = await screen.findByText('Nothing has been fetched yet.');
  expect(said.closest('section, div')?.parentElement).toHaveTextContent(/The first run begins in 2 hours \(/);
  await user.click(screen.getByRole('link', { name: 'Run now' }));
  expect(address()).toBe('/settings/general');
});

test('without a schedule it says that no run is due', async () => {
  given();

  expect(await screen.findByText(/No run is scheduled/)).toBeInTheDocument();
});

test.each([
  ['a run has ended', { lastRun: lastRun() }, {}],
  ['a run goes on', { currentRun: currentRun() }, {}],
  ['there are no movies', {}, { total: 0 }],
  ['some movie was refreshed by hand', {}, { averageCompleteness: 0.1 }],
])('where %s it says nothing', async (_, status, stats) => {
  const { client, container } = given(status, stats);

  await waitFor(() => {
    expect(client.getQueryData(queryKeys.stats)).toBeDefined();
    expect(client.getQueryData(queryKeys.bulkStatus)).toBeDefined();
  });
  expect(container).not.toHaveTextContent('Nothing has been fetched yet');
});
