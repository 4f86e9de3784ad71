import { screen, waitFor } from '@testing-library/react';
import { expect, test } from 'vitest';

import { show } from '@/test/render';
import { answer, refuse } from '@/test/server';
import { playSocket } from '@/test/socket';

import { AccessCard } from './AccessCard';

playSocket();

test('where no key is asked for, nothing is seen', async () => {
  const asked = answer('/session', { required: false, signedIn: true });
  show(<AccessCard />);

  await waitFor(() => expect(asked).toHaveLength(1));
  expect(screen.queryByRole('region', { name: 'Access' })).not.toBeInTheDocument();
});

test('it signs out, for the other tabs too', async () => {
  answer('/session', { required: true, signedIn: true });
  const left = answer('/session', { required: true, signedIn: false }, 'delete');
  const { user } = show(<AccessCard />);
  await user.click(await screen.findByRole('button', { name: 'Sign out' }));

  expect(await screen.findByLabelText('API key')).toBeInTheDocument();
  expect(left).toHaveLength(1);
  expect(localStorage.getItem('metarr-session')).toBe('out');
});

test('a sign-out that did not come to pass is said to be none', async () => {
  answer('/session', { required: true, signedIn: true });
  refuse('/session', 503, 'unavailable', 'Try again later', {}, 'delete');
  const { user } = show(<AccessCard />);
  await user.click(await screen.findByRole('button', { name: 'Sign out' }));

  expect(await screen.findByText('You are still signed in. Try again later')).toBeInTheDocument();
  expect(screen.getByRole('button', { name: 'Sign out' })).toBeInTheDocument();
});
