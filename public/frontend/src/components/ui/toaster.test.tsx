import { act, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';

import { Button } from './button';

const chunk = vi.hoisted(() => ({ away: true }));

// Whoever asks while the server is away gets no module.
vi.mock('./toasts', async (original) => {
  if (chunk.away) throw new TypeError('Failed to fetch dynamically imported module');
  return await original();
});

test('a message whose code cannot be loaded leaves the page as it is, and the next one is shown', async () => {
  const { Toaster, useToast } = await import('./toaster');
  function Page() {
    const toast = useToast();
    return <Button onClick={() => toast(chunk.away ? 'lost' : 'Saved')}>Save</Button>;
  }
  render(
    <Toaster>
      <Page />
    </Toaster>,
  );

  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  await act(() => vi.dynamicImportSettled());
  expect(screen.getByRole('button', { name: 'Save' })).toBeVisible();
  chunk.away = false;
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));

  expect(await screen.findByText('Saved')).toBeVisible();
  expect(screen.queryByText('lost')).toBeNull();
});
