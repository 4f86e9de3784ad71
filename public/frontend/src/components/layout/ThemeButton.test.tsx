import { screen } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';

import { show } from '@/test/render';
import { playSocket } from '@/test/socket';

import { ThemeButton } from './ThemeButton';

playSocket();

afterEach(() => {
  localStorage.clear();
  delete document.documentElement.dataset['theme'];
});

const shown = () => document.documentElement.dataset['theme'];

test('each press goes on: as the system, light, dark, and back; the choice is kept', async () => {
  const { user } = show(<ThemeButton />);

  await user.click(screen.getByRole('button', { name: 'Theme: as the system. Change to light' }));
  expect([shown(), localStorage.getItem('metarr-theme')]).toEqual(['light', 'light']);

  await user.click(screen.getByRole('button', { name: 'Theme: light. Change to dark' }));
  expect([shown(), localStorage.getItem('metarr-theme')]).toEqual(['dark', 'dark']);

  await user.click(screen.getByRole('button', { name: 'Theme: dark. Change to as the system' }));
  expect([shown(), localStorage.getItem('metarr-theme')]).toEqual([undefined, null]);
});

test('what was chosen before is shown', () => {
  document.documentElement.dataset['theme'] = 'dark';
  show(<ThemeButton />);

  expect(screen.getByRole('button', { name: /^Theme: dark/ })).toBeInTheDocument();
});

test('a browser that keeps nothing shows the choice all the same', async () => {
  vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
    throw new DOMException('Storage is forbidden', 'SecurityError');
  });
  const { user } = show(<ThemeButton />);

  await user.click(screen.getByRole('button'));

  expect(shown()).toBe('light');
});
