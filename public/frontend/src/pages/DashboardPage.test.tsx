import { screen, waitFor } from '@testing-library/react';
import { run } from 'axe-core';
import { expect, test } from 'vitest';

import { show } from '@/test/render';
import { activity, activityPage, bulkStatus, currentRun } from '@/test/runs';
import { answer } from '@/test/server';
import { playSocket } from '@/test/socket';

import DashboardPage from './DashboardPage';

playSocket();

test('the first page shows completeness, activity and providers, in a way that all can use', async () => {
  answer('/movies/enrichment/stats', {
    total: 2,
    enriched: 1,
    partiallyEnriched: 0,
    unenriched: 1,
    averageCompleteness: 70,
    topIncomplete: [{ id: 1, title: 'Alien', year: 1979, completeness: 45, missingFields: [] }],
  });
  answer('/activity/history', activityPage([activity()]));
  answer('/enrichment/bulk-status', bulkStatus({ currentRun: currentRun() }));
  answer('/providers/status', { providers: [] });
  const { container } = show(<DashboardPage />);

  expect(await screen.findByRole('heading', { level: 1, name: 'Dashboard' })).toBeVisible();
  for (const name of ['Library Completeness', 'Last Activity', 'Providers']) {
    expect(screen.getByRole('region', { name })).toBeVisible();
  }
  expect(await screen.findByText('Average: 70%')).toBeVisible();
  await waitFor(() => expect(screen.queryByText(/^Loading/)).not.toBeInTheDocument());
  expect((await run(container)).violations).toEqual([]);
});
