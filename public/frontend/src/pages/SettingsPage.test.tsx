import { screen } from '@testing-library/react';
import axe from 'axe-core';
import { expect, test } from 'vitest';

import { bulkStatus, limitedRun } from '@/components/settings/bulkStatus.fixture';
import { show } from '@/test/render';
import { answer } from '@/test/server';
import { playSocket } from '@/test/socket';

import SettingsPage from './SettingsPage';

playSocket();

test('the page has its four parts, and nothing that keeps somebody out', async () => {
  answer('/about', { version: '1.2.3', demo: true });
  answer('/enrichment/bulk-status', { ...bulkStatus({ lastRun: limitedRun() }) });
  answer('/providers/status', { providers: [] });
  answer('/rules', {
    onQuota: 'stop',
    manualReserve: 0,
    tmdbChanges: true,
    ageByRelease: true,
    backOff: true,
    seq: 0,
  });
  const { container } = show(<SettingsPage />);

  for (const name of ['Bulk Metadata Enrichment', 'Providers', 'Nightly run', 'About']) {
    expect(screen.getByRole('region', { name })).toBeInTheDocument();
  }
  await screen.findByRole('button', { name: 'Run Now' });
  await screen.findAllByRole('switch');
  const { violations } = await axe.run(container, { rules: { 'color-contrast': { enabled: false } } });
  expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
});
