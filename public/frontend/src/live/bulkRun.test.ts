import { expect, test } from 'vitest';

import { bulkStatus, currentRun, lastRun } from '@/components/settings/bulkStatus.fixture';

import { afterRead } from './bulkRun';

const KNOWN = bulkStatus({ currentRun: currentRun({ seq: 4900, processedMovies: 762, elapsed: 1000 }) });
const SINCE = 2;

test('an answer that was on its way while messages came leaves the run as they told, its time goes on', () => {
  const answer = bulkStatus({ currentRun: currentRun({ seq: 4850 }), lastRun: lastRun() });

  expect(afterRead(KNOWN, answer, SINCE)).toEqual({
    ...answer,
    currentRun: { ...KNOWN.currentRun, elapsed: 1002 },
  });
});

test('that the run is being cancelled is taken from it all the same, and how long it takes is not known', () => {
  const answer = bulkStatus({ currentRun: currentRun({ seq: 4850, state: 'cancelling' }) });

  expect(afterRead(KNOWN, answer, SINCE).currentRun).toMatchObject({
    processedMovies: 762,
    state: 'cancelling',
    estimatedRemaining: null,
  });
});

test.each([
  ['nothing was known', undefined, bulkStatus({ currentRun: currentRun() })],
  ['no run was known', bulkStatus(), bulkStatus({ currentRun: currentRun() })],
  ['it knows as much', KNOWN, bulkStatus({ currentRun: currentRun({ seq: 4900 }) })],
  ['it tells of another run', KNOWN, bulkStatus({ currentRun: currentRun({ jobId: 902, seq: 1 }) })],
  ['the run is over', KNOWN, bulkStatus({ lastRun: lastRun({ jobId: 901 }) })],
])('where %s, an answer is taken as it is', (_case, known, answer) => {
  expect(afterRead(known, answer, SINCE)).toBe(answer);
});
