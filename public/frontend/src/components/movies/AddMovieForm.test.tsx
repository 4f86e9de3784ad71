import { screen, waitFor } from '@testing-library/react';
import { beforeEach, expect, test } from 'vitest';

import { Dialog } from '@/components/ui/dialog';
import { show } from '@/test/render';
import { answer, refuse } from '@/test/server';
import { playSocket } from '@/test/socket';

import AddMovies from './AddMovies';
import { movie } from './movies.fixture';

playSocket();

const open = () =>
  show(
    <Dialog open>
      <AddMovies />
    </Dialog>,
  );

const title = () => screen.getByRole('textbox', { name: 'Title' });
const year = () => screen.getByRole('textbox', { name: 'Year' });

let added: Request[];

beforeEach(() => {
  added = answer('/movies', { row: 1, result: 'added', movieId: 7, title: 'Amélie', seq: 9 }, 'post', 201);
});

const playLibrary = (...movies: ReturnType<typeof movie>[]) =>
  answer('/movies', { movies, total: movies.length, nextCursor: null });

const amelie = movie(58, { title: 'Amélie', year: 2001 });

test('the dialog opens with the focus at the title', async () => {
  open();

  await waitFor(() => expect(title()).toHaveFocus());
});

test('a film of this title and year is said to be there before another one is added', async () => {
  const asked = playLibrary(amelie);
  const { user } = open();

  await user.type(title(), 'amelie');
  await user.type(year(), '2001{Enter}');

  expect(await screen.findByText('Amélie (2001) is already in your library')).toBeVisible();
  expect(new URL(asked[0]?.url ?? '').searchParams.get('search')).toBe('amelie');
  expect(screen.getByRole('link', { name: 'Show movie' })).toHaveAttribute('href', '/media/movies/58/edit');
  expect(added).toHaveLength(0);

  await user.click(screen.getByRole('button', { name: 'Add anyway' }));

  expect(await screen.findByText('Added: Amélie')).toBeVisible();
  expect(await added[0]?.json()).toMatchObject({ title: 'amelie', year: '2001' });
  expect(screen.queryByText(/is already in your library$/)).not.toBeInTheDocument();
});

test('what is changed after that is looked for anew', async () => {
  playLibrary(amelie);
  const { user } = open();
  await user.type(title(), 'Amélie{Enter}');
  await screen.findByText('Amélie (2001) is already in your library');

  await user.type(year(), '2011');
  expect(screen.queryByText(/is already in your library$/)).not.toBeInTheDocument();
  await user.click(screen.getByRole('button', { name: 'Add movie' }));

  expect(await screen.findByText('Added: Amélie')).toBeVisible();
});

test('a film with an id is not looked for by its title: the server knows it by the id', async () => {
  const asked = playLibrary(amelie);
  const { user } = open();

  await user.type(title(), 'Amélie');
  await user.type(screen.getByRole('textbox', { name: 'IMDb or TMDB id' }), '194{Enter}');

  expect(await screen.findByText('Added: Amélie')).toBeVisible();
  expect(asked.filter(({ url }) => url.includes('search='))).toHaveLength(0);
});

test('a library that cannot be searched does not hinder', async () => {
  refuse('/movies', 500, 'database', 'Database error');
  const { user } = open();

  await user.type(title(), 'Amélie{Enter}');

  expect(await screen.findByText('Added: Amélie')).toBeVisible();
});

test.each(['soon', '99999'])(
  'a year that is none (%s) is said at the field, and nothing is sent',
  async (typed) => {
    const { user } = open();

    await user.type(title(), 'Amélie');
    await user.type(year(), `${typed}{Enter}`);

    expect(year()).toHaveAccessibleDescription(/^Expected a year from 1870 to 2200/);
    expect(added).toHaveLength(0);
  },
);
