import { render, screen } from '@testing-library/react';
import { expect, test } from 'vitest';

import { EnrichmentHealthBadge } from './EnrichmentHealthBadge';

test.each([
  [92, false, 'enriched'],
  [90, false, 'enriched'],
  [89, false, 'some fields are missing'],
  [60, false, 'some fields are missing'],
  [59, false, 'many fields are missing'],
  [0, false, 'many fields are missing'],
  [65, true, 'partial enrichment, some providers failed'],
  [95, true, 'partial enrichment, some providers failed'],
])('%i %% (partial: %s) is said to be %s', (completeness, partial, meaning) => {
  render(<EnrichmentHealthBadge completeness={completeness} partial={partial} />);

  expect(screen.getByText(`${completeness}%`)).toHaveTextContent(`${completeness}% complete: ${meaning}`);
});
