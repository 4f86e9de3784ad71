import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';

import { show } from '@/test/render';
import { answer, refuse, stayLoading } from '@/test/server';
import { playSocket } from '@/test/socket';
import type { EnrichmentStats } from '@/types/enrichment';
import { queryKeys } from '@/utils/queryKeys';

import { CompletenessStatCard } from './CompletenessStatCard';

const socket = playSocket();
const PATH = '/movies/enrichment/stats';

const stats = (given: Partial<EnrichmentStats> = {}): EnrichmentStats => ({
  total: 1523,
  enriched: 1200,
  partiallyEnriched: 250,
  unenriched: 73,
  averageCompleteness: 78.5,
  topIncomplete: [
    { id: 456, title: 'The Matrix', year: 1999, completeness: 45, missingFields: ['tagline'] },
    { id: 789, title: 'Inception', year: 2010, completeness: 62, missingFields: ['awards'] },
    { id: 12, title: '千と千尋の神隠し', year: null, completeness: 70, missingFields: [] },
  ],
  ...given,
});

const link = (name: RegExp | string) => screen.findByRole('link', { name });

test('while it loads it says so', () => {
  stayLoading(PATH);
  show(<CompletenessStatCard />);

  expect(screen.getByRole('heading', { name: 'Library Completeness' })).toBeVisible();
  expect(screen.getByText('Loading completeness data...')).toBeVisible();
});

test('it shows the average with a bar of that length', async () => {
  answer(PATH, stats());
  show(<CompletenessStatCard />);

  expect(await screen.findByText('Average: 78.5%')).toBeVisible();
  const bar = screen.getByRole('progressbar', { name: 'Average completeness: 78.5%' });
  expect(bar).toHaveAttribute('aria-valuenow', '78.5');
});

test.each([
  ['Enriched', /^Enriched: ?1,200 ?\/ 1,523 movies$/, 'enriched'],
  ['Partial', /^Partial: ?250$/, 'partial'],
  ['Missing', /^Missing: ?73$/, 'unenriched'],
])('the count of %s movies leads to these movies', async (_, name, filter) => {
  answer(PATH, stats());
  show(<CompletenessStatCard />);

  expect(await link(name)).toHaveAttribute('href', `/media/movies?filter=${filter}`);
});

test('it lists the most incomplete movies with title, year and badge, the year only where it is known', async () => {
  answer(PATH, stats());
  show(<CompletenessStatCard />);

  const list = await screen.findByRole('list', { name: 'Most Incomplete Movies:' });
  expect(within(list).getAllByRole('listitem')).toHaveLength(3);
  expect(within(list).getByRole('link', { name: /^The Matrix \(1999\) 45% ?complete/ })).toBeVisible();
  expect(within(list).getByRole('link', { name: /^千と千尋の神隠し 70% ?complete/ })).toBeVisible();
});

test('a movie leads to its page', async () => {
  answer(PATH, stats());
  const { user, address } = show(<CompletenessStatCard />);

  await user.click(await link(/The Matrix/));
  expect(address()).toBe('/media/movies/456/edit');
});

test('all incomplete movies are a click away, the least complete first', async () => {
  answer(PATH, stats());
  const { user, address } = show(<CompletenessStatCard />);

  await user.click(await link('View All Incomplete Movies'));
  expect(address()).toBe('/media/movies?filter=incomplete&sort=completeness:asc');
});

test('where no movie is incomplete it is glad', async () => {
  answer(PATH, stats({ topIncomplete: [], enriched: 1523, partiallyEnriched: 0, unenriched: 0 }));
  show(<CompletenessStatCard />);

  expect(await screen.findByText('Every movie is enriched. There is nothing left to do!')).toBeVisible();
  expect(screen.queryByRole('link', { name: 'View All Incomplete Movies' })).not.toBeInTheDocument();
});

test('an empty library says how to begin', async () => {
  const nothing = { total: 0, enriched: 0, partiallyEnriched: 0, unenriched: 0, averageCompleteness: 0 };
  answer(PATH, stats({ ...nothing, topIncomplete: [] }));
  const { user, address } = show(<CompletenessStatCard />);

  expect(await screen.findByText('No movies in library')).toBeVisible();
  expect(screen.getByText('Add a library to get started')).toBeVisible();
  await user.click(await link('Add movies'));
  expect(address()).toBe('/media/movies?add=1');
});

test('what could not be loaded is said, and asked for again by Retry', async () => {
  refuse(PATH, 500, 'database_error', 'Database error');
  const { user } = show(<CompletenessStatCard />);
  expect(await screen.findByText('Failed to load completeness data')).toBeVisible();
  expect(screen.getByText('Database error')).toBeVisible();

  answer(PATH, stats());
  await user.click(screen.getByRole('button', { name: 'Retry' }));
  expect(await screen.findByText('Average: 78.5%')).toBeVisible();
});

test('figures that were shown stay when they cannot be read anew', async () => {
  answer(PATH, stats());
  const { client } = show(<CompletenessStatCard />);
  await screen.findByText('Average: 78.5%');

  refuse(PATH, 500, 'database_error', 'Database error');
  await client.refetchQueries();
  expect(screen.getByText('Average: 78.5%')).toBeVisible();
});

test.each(['keyboard', 'pointer', 'finger'])('what completeness means is explained by %s', async (by) => {
  answer(PATH, stats());
  const { user } = show(<CompletenessStatCard />);
  const help = await screen.findByRole('button', { name: 'What completeness means' });

  if (by === 'keyboard') await user.tab();
  else if (by === 'pointer') await user.hover(help);
  else await user.pointer({ keys: '[TouchA]', target: help });

  expect(await screen.findByRole('tooltip')).toHaveTextContent('Metadata completeness tracking');
});

test('it asks to be told of movies that are enriched, and shows the new figures when they are read', async () => {
  answer(PATH, stats());
  const { client } = show(<CompletenessStatCard />);
  await screen.findByText('Average: 78.5%');
  await waitFor(() =>
    expect(socket.received).toContainEqual({ type: 'subscribe', channel: 'movie:enrichment' }),
  );

  answer(PATH, stats({ averageCompleteness: 81 }));
  await client.invalidateQueries({ queryKey: queryKeys.stats });
  expect(await screen.findByText('Average: 81%')).toBeVisible();
});
