import { expect, test } from 'vitest';

import { folded } from './folded';

test.each([
  ['a short list is shown whole', 2, 2],
  ['a single entry is not folded away', 3, 3],
  ['of a long list the first ones are shown', 4, 2],
])('%s', (_rule, length, shown) => {
  expect(folded(Array.from({ length }), 2)).toHaveLength(shown);
});
