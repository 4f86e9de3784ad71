import { fireEvent, screen, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';

import { showRoutes } from '@/test/render';
import { answer } from '@/test/server';
import { playSocket } from '@/test/socket';

import { preloadPages, routes } from './router';

const asked = vi.hoisted(() => ({ activity: false }));

vi.mock('@/pages/SettingsPage', () => {
  throw new TypeError('Failed to fetch dynamically imported module');
});
vi.mock('@/pages/ActivityPage', () => {
  asked.activity = true;
  return { default: () => <h1>Activity</h1> };
});

playSocket();

test('a page is loaded when somebody points at a link to it', async () => {
  preloadPages();
  const link = document.body.appendChild(document.createElement('a'));
  link.href = '/activity/history?type=bulk_enrichment';

  fireEvent.pointerOver(link);

  await vi.waitFor(() => expect(asked.activity).toBe(true));
  link.remove();
});

test('a page that cannot be loaded says so in the frame, from which one can go elsewhere', async () => {
  answer('/about', { demo: false });
  answer('/enrichment/bulk-status', {});
  const { user } = showRoutes(routes, '/nowhere');
  const [navigation] = await screen.findAllByRole('navigation', { name: 'Main' });
  if (!navigation) throw new Error('There is no navigation');

  await user.click(within(navigation).getByRole('link', { name: 'Settings' }));

  expect(await screen.findByText('This page could not be loaded')).toBeVisible();
  expect(screen.getByRole('button', { name: 'Retry' })).toBeVisible();
  await user.click(within(navigation).getByRole('link', { name: 'Activity' }));
  expect(await screen.findByRole('heading', { name: 'Activity' })).toBeVisible();
});
