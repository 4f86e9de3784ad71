import { screen, waitFor } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { beforeEach, expect, test, vi } from 'vitest';

import { show } from '@/test/render';
import { answer, refuse, server, stayLoading } from '@/test/server';
import { playSocket } from '@/test/socket';
import type { ChangeRules, Rules } from '@/types/api';

import { bulkStatus } from './bulkStatus.fixture';
import { RulesCard } from './RulesCard';

const RULES: Rules = {
  onQuota: 'stop',
  manualReserve: 0,
  tmdbChanges: true,
  ageByRelease: true,
  backOff: true,
  seq: 0,
};
playSocket();
beforeEach(() => void answer('/enrichment/bulk-status', { ...bulkStatus() }));

/** The API keeps what it is told; returns what that was. */
function keepRules(rules: Rules = RULES): ChangeRules[] {
  const wanted: ChangeRules[] = [];
  answer('/rules', { ...rules });
  server.use(
    http.patch('/api/rules', async ({ request }) => {
      wanted.push((await request.json()) as ChangeRules);
      return HttpResponse.json({ success: true, data: Object.assign({}, rules, ...wanted) as Rules });
    }),
  );
  return wanted;
}

test('it says that it loads', async () => {
  stayLoading('/rules');
  show(<RulesCard />);

  expect(await screen.findByText('Loading the rules of runs …')).toBeInTheDocument();
});

test('what could not be loaded is loaded by Retry', async () => {
  refuse('/rules', 500, 'bus_unavailable', 'The library does not answer');
  const { user } = show(<RulesCard />);
  expect(await screen.findByText('Failed to load the rules of runs')).toBeInTheDocument();
  keepRules();

  await user.click(screen.getByRole('button', { name: 'Retry' }));

  expect(await screen.findByRole('radio', { name: 'Stop the run' })).toBeChecked();
});

test('each rule is shown with what it means', async () => {
  keepRules({ ...RULES, onQuota: 'pause_provider', manualReserve: 12, backOff: false });
  show(<RulesCard />);

  expect(await screen.findByRole('radio', { name: 'Go on without that provider' })).toBeChecked();
  expect(screen.getByRole('radio', { name: 'Stop the run' })).toHaveAccessibleDescription(/goes on where/);
  expect(screen.getByRole('combobox', { name: 'Quota kept for refreshes by hand' })).toHaveDisplayValue(
    '12%',
  );
  expect(screen.getByRole('switch', { name: 'Follow TMDB’s list of changes' })).toBeChecked();
  expect(screen.getByRole('switch', { name: 'Ask less often about older movies' })).toBeChecked();
  const backOff = screen.getByRole('switch', { name: 'Be patient with what is not known' });
  expect(backOff).not.toBeChecked();
  expect(backOff).toHaveAccessibleDescription(/after 7, 14, 30, then 90 days/);
});

test('a choice is saved at once, alone, and confirmed', async () => {
  const wanted = keepRules();
  const { user } = show(<RulesCard />);

  await user.click(await screen.findByRole('radio', { name: 'Go on without that provider' }));

  expect(await screen.findByText('Saved. The next run follows it.')).toBeInTheDocument();
  expect(screen.getByRole('radio', { name: 'Go on without that provider' })).toBeChecked();
  expect(wanted).toEqual([{ onQuota: 'pause_provider' }]);
});

test('the reserve is saved in percent', async () => {
  const wanted = keepRules();
  const { user } = show(<RulesCard />);

  await user.selectOptions(await screen.findByRole('combobox'), '20%');

  await waitFor(() => expect(wanted).toEqual([{ manualReserve: 20 }]));
  expect(screen.getByRole('combobox')).toHaveDisplayValue('20%');
});

test('two choices in a row are both kept', async () => {
  const wanted = keepRules();
  const { user } = show(<RulesCard />);

  await user.click(await screen.findByRole('switch', { name: 'Ask less often about older movies' }));
  await user.click(screen.getByRole('switch', { name: 'Be patient with what is not known' }));

  expect(screen.getByRole('switch', { name: 'Be patient with what is not known' })).not.toBeChecked();
  await waitFor(() => expect(wanted).toEqual([{ ageByRelease: false }, { backOff: false }]));
  expect(screen.getByRole('switch', { name: 'Ask less often about older movies' })).not.toBeChecked();
  expect(screen.getByRole('switch', { name: 'Be patient with what is not known' })).not.toBeChecked();
});

test('a choice that was not saved goes back, with the reason', async () => {
  keepRules();
  refuse('/rules', 500, 'bus_unavailable', 'The library does not answer', {}, 'patch');
  const { user } = show(<RulesCard />);

  await user.click(await screen.findByRole('switch', { name: 'Follow TMDB’s list of changes' }));

  expect(await screen.findByText('Not saved: The library does not answer')).toBeInTheDocument();
  expect(screen.getByRole('switch', { name: 'Follow TMDB’s list of changes' })).toBeChecked();
});

test('the address #rules shows this card and focuses it', async () => {
  const scroll = vi.spyOn(Element.prototype, 'scrollIntoView');
  keepRules();
  show(<RulesCard />, { at: '/#rules' });

  const card = screen.getByRole('region', { name: 'Nightly run' });
  await waitFor(() => expect(scroll.mock.contexts).toContain(card));
  expect(card).toHaveFocus();
});
