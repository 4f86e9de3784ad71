import { screen, within } from '@testing-library/react';
import { beforeEach, expect, test, vi } from 'vitest';

import { bulkStatus } from '@/components/settings/bulkStatus.fixture';
import NotFoundPage from '@/pages/NotFoundPage';
import { showRoutes } from '@/test/render';
import { answer } from '@/test/server';
import { playSocket } from '@/test/socket';

import { AppShell } from './AppShell';

playSocket();

const routes = [
  {
    element: <AppShell />,
    children: [
      { index: true, element: <h1>Home</h1> },
      { path: 'settings/general', element: <h1>Preferences</h1> },
      { path: '*', element: <NotFoundPage /> },
    ],
  },
];

beforeEach(() => {
  // jsdom does not scroll.
  vi.stubGlobal('scrollTo', () => undefined);
  answer('/about', { version: '1', demo: false });
  answer('/enrichment/bulk-status', { ...bulkStatus() });
});

/** The side's navigation; there is another one for phones. */
function navigation() {
  const [places] = screen.getAllByRole('navigation', { name: 'Main' });
  if (!places) throw new Error('no navigation is shown');
  return places;
}

test('each place can be gone to, and the present one is marked', async () => {
  const { user, address } = showRoutes(routes, '/');
  const places = navigation();
  expect(within(places).getByRole('link', { name: 'Dashboard' })).toHaveAttribute('aria-current', 'page');

  await user.click(within(places).getByRole('link', { name: 'Settings' }));

  expect(address()).toBe('/settings/general');
  expect(await screen.findByRole('heading', { name: 'Preferences' })).toBeInTheDocument();
  expect(within(places).getByRole('link', { name: 'Settings' })).toHaveAttribute('aria-current', 'page');
  expect(within(places).getByRole('link', { name: 'Dashboard' })).not.toHaveAttribute('aria-current');
});

test('a page that was gone to takes the focus; the first one leaves it alone', async () => {
  const { user } = showRoutes(routes, '/');
  expect(document.body).toHaveFocus();

  await user.click(within(navigation()).getByRole('link', { name: 'Settings' }));

  expect(screen.getByRole('main')).toHaveFocus();
});

test('a page whose code is on its way is said to be, until it is there', async () => {
  let arrive: () => void = () => undefined;
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  const lazy = () => arrived.then(() => ({ Component: () => <h1>Preferences</h1> }));
  const { user } = showRoutes(
    [
      {
        element: <AppShell />,
        children: [
          { index: true, element: <h1>Home</h1> },
          { path: '*', lazy },
        ],
      },
    ],
    '/',
  );
  expect(screen.queryByText('Loading the page …')).not.toBeInTheDocument();

  await user.click(within(navigation()).getByRole('link', { name: 'Settings' }));
  expect(await screen.findByText('Loading the page …')).toBeInTheDocument();
  expect(screen.getByRole('heading', { name: 'Home' })).toBeVisible();

  arrive();
  expect(await screen.findByRole('heading', { name: 'Preferences' })).toBeVisible();
  expect(screen.queryByText('Loading the page …')).not.toBeInTheDocument();
});

test('the first link skips to the content', async () => {
  const { user } = showRoutes(routes, '/');

  await user.tab();

  expect(screen.getByRole('link', { name: 'Skip to content' })).toHaveFocus();
  expect(screen.getByRole('link', { name: 'Skip to content' })).toHaveAttribute('href', '#main');
});

test('an address where nothing is says so and leads home', async () => {
  const { user, address } = showRoutes(routes, '/nowhere');
  expect(await screen.findByText('There is nothing at this address')).toBeInTheDocument();
  expect(document.title).toBe('Page not found · Metarr');

  await user.click(screen.getByRole('link', { name: 'Go to the dashboard' }));

  expect(address()).toBe('/');
});
