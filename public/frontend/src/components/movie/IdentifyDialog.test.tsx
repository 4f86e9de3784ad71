import { screen, waitFor, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';

import { show } from '@/test/render';
import { answer, refuse } from '@/test/server';
import { playSocket } from '@/test/socket';
import type { MovieDetails } from '@/types/api';

import { IdentifyDialog } from './IdentifyDialog';
import { aCandidate, aMovie } from './testData';

const CANDIDATES = '/candidates';
const IDENTIFY = '/movies/7/identify';

playSocket();

function showDialog(special: Partial<MovieDetails> = {}) {
  const onIdentified = vi.fn();
  const movie = aMovie({ identification: 'unidentified', imdbId: null, tmdbId: null, ...special });
  const shown = show(
    <IdentifyDialog movie={movie} open onOpenChange={vi.fn()} onIdentified={onIdentified} />,
  );
  return { ...shown, onIdentified };
}

const written = () => answer(IDENTIFY, { movieId: 7, result: 'identified', seq: 3 }, 'post');

test('stored suggestions are shown with what tells them apart', () => {
  showDialog({
    candidates: [
      aCandidate({ originalTitle: "Guillermo del Toro's Pinocchio" }),
      aCandidate({ tmdbId: 2, year: null, poster: null }),
    ],
  });

  const rows = within(screen.getByRole('region', { name: 'Suggestions' })).getAllByRole('listitem');
  expect(rows[0]).toHaveTextContent('Pinocchio (2022)');
  expect(rows[0]).toHaveTextContent("Guillermo del Toro's Pinocchio");
  expect(rows[0]).toHaveTextContent('A wooden puppet wants to become a real boy.');
  expect(rows[0]?.querySelector('img')).toHaveAttribute('src', '/api/pictures/tmdb/puppet.jpg?w=154');
  expect(rows[1]?.querySelector('img')).toBeNull();
});

test('a suggestion is chosen', async () => {
  const { user, onIdentified } = showDialog({ candidates: [aCandidate()] });
  const requests = written();

  await user.click(screen.getByRole('button', { name: 'Choose Pinocchio (2022)' }));

  await waitFor(() => expect(onIdentified).toHaveBeenCalledOnce());
  await expect(requests[0]?.json()).resolves.toMatchObject({ tmdbId: 532639 });
});

test('a search begins with the title and the year of the film, and shows what TMDB knows', async () => {
  const { user } = showDialog();
  const requests = answer(CANDIDATES, { candidates: [aCandidate()] });
  expect(screen.getByLabelText('Title')).toHaveValue('Parasite');
  expect(screen.getByLabelText('Year')).toHaveValue('2019');

  await user.clear(screen.getByLabelText('Title'));
  await user.type(screen.getByLabelText('Title'), 'Pinocchio{Enter}');

  expect(await screen.findByRole('button', { name: 'Choose Pinocchio (2022)' })).toBeInTheDocument();
  expect(new URL(requests[0]?.url ?? '').search).toBe('?title=Pinocchio&year=2019');
});

test('of what a search finds only the number is announced', async () => {
  const { user } = showDialog();
  answer(CANDIDATES, { candidates: [aCandidate()] });

  await user.click(screen.getByRole('button', { name: 'Search' }));

  expect(await screen.findByText('1 movie found')).toHaveAttribute('role', 'status');
  const plot = screen.getByText('A wooden puppet wants to become a real boy.');
  expect(plot.closest('[aria-live], [role=status]')).toBeNull();
});

test('a search that finds nothing says what to try', async () => {
  const { user } = showDialog();
  answer(CANDIDATES, { candidates: [] });

  await user.click(screen.getByRole('button', { name: 'Search' }));

  expect(await screen.findByText('No movie found')).toHaveAttribute('role', 'status');
  expect(screen.getByText('Try fewer words, or leave the year out.')).toBeVisible();
});

test('a search that failed says why and can be tried again', async () => {
  const { user } = showDialog();
  refuse(CANDIDATES, 409, 'provider_off', 'TMDB has no key (METARR_TMDB_KEY)');
  await user.click(screen.getByRole('button', { name: 'Search' }));
  expect(await screen.findByText('TMDB has no key (METARR_TMDB_KEY)')).toBeInTheDocument();

  answer(CANDIDATES, { candidates: [aCandidate()] });
  await user.click(screen.getByRole('button', { name: 'Retry' }));

  expect(await screen.findByRole('button', { name: 'Choose Pinocchio (2022)' })).toBeInTheDocument();
});

test('what is no year is not searched for', async () => {
  const { user } = showDialog();

  await user.type(screen.getByLabelText('Year'), '9{Enter}');

  expect(screen.getByLabelText('Year')).toHaveAccessibleDescription(/^Expected a year from 1870 to 2200/);
  expect(screen.getByLabelText('Year')).toBeInvalid();
});

test('a film that the library has already is linked, the present one is marked', () => {
  showDialog({
    tmdbId: 1,
    candidates: [aCandidate({ tmdbId: 1, movieId: 7 }), aCandidate({ tmdbId: 2, movieId: 16 })],
  });

  expect(screen.getByText('Chosen now')).toBeInTheDocument();
  expect(screen.getByRole('link', { name: 'In your library: Pinocchio (2022)' })).toHaveAttribute(
    'href',
    '/media/movies/16/edit',
  );
  expect(screen.queryByRole('button', { name: /^Choose/ })).not.toBeInTheDocument();
});

test('an address is as good as an id', async () => {
  const { user, onIdentified } = showDialog();
  const requests = written();

  await user.type(screen.getByLabelText('Paste an id'), 'https://www.imdb.com/title/tt0133093/{Enter}');

  await waitFor(() => expect(onIdentified).toHaveBeenCalledOnce());
  await expect(requests[0]?.json()).resolves.toMatchObject({ imdbId: 'tt0133093' });
});

test('what is no id is said to be none', async () => {
  const { user } = showDialog();

  await user.type(screen.getByLabelText('Paste an id'), 'The Matrix{Enter}');

  expect(screen.getByLabelText('Paste an id')).toHaveAccessibleDescription(
    'This is no id or address of a movie at IMDb or TMDB',
  );
});

test('an id that belongs to another film names and links that film', async () => {
  const { user } = showDialog({ candidates: [aCandidate()] });
  refuse(IDENTIFY, 409, 'id_conflict', 'TMDB id 532639 belongs to film 16', { movieId: 16 }, 'post');
  answer('/movies/16', aMovie({ id: 16, title: 'The Matrix', year: 1999 }));

  await user.click(screen.getByRole('button', { name: 'Choose Pinocchio (2022)' }));

  expect(await screen.findByRole('link', { name: 'The Matrix (1999)' })).toHaveAttribute(
    'href',
    '/media/movies/16/edit',
  );
});

test('another refusal is said as it is', async () => {
  const { user } = showDialog({ candidates: [aCandidate()] });
  refuse(IDENTIFY, 500, 'bus_unavailable', 'The library does not answer', {}, 'post');

  await user.click(screen.getByRole('button', { name: 'Choose Pinocchio (2022)' }));

  expect(await screen.findByText(/The library does not answer/)).toBeInTheDocument();
});

test('a pasted id that belongs to another film is refused at its field, with the way to that film', async () => {
  const { user } = showDialog();
  refuse(IDENTIFY, 409, 'id_conflict', 'TMDB id 603 belongs to film 16', { movieId: 16 }, 'post');
  answer('/movies/16', aMovie({ id: 16, title: 'The Matrix', year: 1999 }));
  const field = screen.getByLabelText('Paste an id');

  await user.type(field, '603{Enter}');

  expect(await screen.findByRole('link', { name: 'The Matrix (1999)' })).toBeInTheDocument();
  expect(screen.getByRole('alert')).toHaveTextContent('This choice was not accepted');
  expect(field).toHaveAccessibleDescription(
    'This choice was not accepted: this id belongs to The Matrix (1999), which is in your library already.',
  );
  expect(field).toHaveAttribute('aria-invalid', 'true');
});

test.each([
  ['another id is typed', 'Paste an id', '4'],
  ['another title is typed', 'Title', 's'],
  ['another year is typed', 'Year', '1'],
  ['another search starts', 'Title', '{Enter}'],
])('a refusal is past when %s', async (_case, label, keys) => {
  const { user } = showDialog({ candidates: [aCandidate()] });
  refuse(IDENTIFY, 500, 'bus_unavailable', 'The library does not answer', {}, 'post');
  answer(CANDIDATES, { candidates: [] });
  await user.click(screen.getByRole('button', { name: 'Choose Pinocchio (2022)' }));
  const suggestions = screen.getByRole('region', { name: 'Suggestions' });
  expect(await within(suggestions).findByText(/The library does not answer/)).toBeInTheDocument();

  await user.type(screen.getByLabelText(label), keys);

  expect(screen.queryByText(/The library does not answer/)).not.toBeInTheDocument();
});

test.each([
  ['identified', true],
  ['unidentified', false],
] as const)('whoever changes an %s film is warned of what is dropped: %s', (identification, warned) => {
  showDialog({ identification });

  expect(screen.queryAllByText(/values that were fetched for the old one are dropped/)).toHaveLength(
    warned ? 1 : 0,
  );
});
