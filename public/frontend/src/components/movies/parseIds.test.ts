import { expect, test } from 'vitest';

import { parseId } from './parseIds';

test.each([
  'tt0133093',
  ' TT0133093 ',
  'https://www.imdb.com/title/tt0133093/',
  'https://m.imdb.com/title/tt0133093/?ref_=nv_sr_1',
  'http://imdb.com/de/title/tt0133093/reference',
  'www.imdb.com/title/tt0133093',
])('%s is an id of IMDb', (text) => {
  expect(parseId(text)).toEqual({ imdbId: 'tt0133093' });
});

test.each([
  '603',
  ' 603 ',
  'https://www.themoviedb.org/movie/603-the-matrix',
  'https://www.themoviedb.org/movie/603?language=de-DE',
  'themoviedb.org/movie/603-the-matrix/cast',
])('%s is an id of TMDB', (text) => {
  expect(parseId(text)).toEqual({ tmdbId: 603 });
});

test.each([
  '',
  'the matrix',
  'tt12',
  'nm0000206',
  '0',
  '-603',
  '603.5',
  'https://www.imdb.com/name/nm0000206/',
  'https://www.imdb.com/title/',
  'https://www.themoviedb.org/tv/1399-game-of-thrones',
  'https://www.themoviedb.org/movie/',
  'https://notimdb.com/title/tt0133093',
  'https://imdb.com.example/title/tt0133093',
  'https://',
])('%j is no id of a film', (text) => {
  expect(parseId(text)).toBeNull();
});
