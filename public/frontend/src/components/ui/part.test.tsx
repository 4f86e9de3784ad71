import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';

import { server } from '@/test/server';
import { http, HttpResponse } from 'msw';

import { part } from './part';

const AWAY = new TypeError('Failed to fetch dynamically imported module');
const loaded = { default: ({ name }: { name: string }) => <p>Hello {name}</p> };
const places = {
  name: 'This part',
  loading: <p>Loading</p>,
  failed: (message: React.ReactNode) => <section aria-label="Its place">{message}</section>,
};

test('a part is shown when its code has come', async () => {
  const Part = part(() => Promise.resolve(loaded), places);
  render(<Part name="you" />);
  expect(screen.getByText('Loading')).toBeVisible();

  expect(await screen.findByText('Hello you')).toBeVisible();
});

test('a part that was loaded ahead is shown at once', async () => {
  const load = vi.fn(() => Promise.resolve(loaded));
  const Part = part(load, places);
  await Part.load();

  render(<Part name="you" />);

  expect(screen.getByText('Hello you')).toBeVisible();
  expect(load).toHaveBeenCalledOnce();
});

test('a part whose code cannot be loaded says so in its place, and is loaded with Retry', async () => {
  const load = vi
    .fn(() => Promise.resolve(loaded))
    .mockRejectedValueOnce(AWAY)
    .mockRejectedValueOnce(AWAY);
  server.use(http.get('/api/about', () => HttpResponse.error()));
  const Part = part(load, places);
  render(
    <>
      <h1>Page</h1>
      <Part name="you" />
    </>,
  );

  expect(await screen.findByText('This part could not be loaded')).toBeVisible();
  expect(screen.getByRole('heading', { name: 'Page' })).toBeVisible();
  // Still away.
  await userEvent.click(screen.getByRole('button', { name: 'Retry' }));
  expect(await screen.findByRole('button', { name: 'Retry', busy: false })).toHaveFocus();
  await userEvent.click(screen.getByRole('button', { name: 'Retry' }));

  expect(await screen.findByText('Hello you')).toBeVisible();
});
