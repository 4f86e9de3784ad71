import { screen } from '@testing-library/react';
import { expect, test } from 'vitest';

import { show } from '@/test/render';
import { answer } from '@/test/server';
import { playSocket } from '@/test/socket';

import { AboutCard } from './AboutCard';

playSocket();

test('it says which Metarr this is, whose the data is, and where programs find out more', async () => {
  answer('/about', { version: '1.2.3', demo: false });
  show(<AboutCard />);

  expect(await screen.findByText('Metarr 1.2.3')).toBeInTheDocument();
  expect(
    screen.getByText('This product uses the TMDB API but is not endorsed or certified by TMDB.'),
  ).toBeInTheDocument();
  expect(screen.getByText(/OMDb API \(omdbapi\.com\).*CC BY-NC 4\.0/)).toBeInTheDocument();
  expect(screen.getByText(/fanart\.tv/)).toBeInTheDocument();
  expect(screen.getByRole('link', { name: 'API documentation' })).toHaveAttribute('href', '/api/docs');
});
