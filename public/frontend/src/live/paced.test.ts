import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { Paced } from './paced';

const EVERY_MS = 3_000;

let ends: (() => void)[];
const work = vi.fn<() => Promise<void>>();
const pass = () => vi.advanceTimersByTimeAsync(EVERY_MS);

beforeEach(() => {
  vi.useFakeTimers();
  ends = [];
  work.mockReset().mockImplementation(() => new Promise((end) => ends.push(end)));
});
afterEach(() => void vi.useRealTimers());

test('however often it is asked for, work begins once, after its time', async () => {
  const paced = new Paced(work, EVERY_MS);
  paced.ask();
  paced.ask();
  expect(work).not.toHaveBeenCalled();

  await pass();
  expect(work).toHaveBeenCalledOnce();
});

test('work that takes longer than its time comes to its end; what was asked for meanwhile is done after it', async () => {
  const paced = new Paced(work, EVERY_MS);
  paced.ask();
  await pass();
  paced.ask();
  await pass();
  await pass();
  expect(work).toHaveBeenCalledOnce();

  ends[0]?.();
  await pass();
  expect(work).toHaveBeenCalledTimes(2);

  ends[1]?.();
  await pass();
  expect(work).toHaveBeenCalledTimes(2);
});

test('after the stop nothing begins, whether it was waiting or asked for while work went on', async () => {
  const paced = new Paced(work, EVERY_MS);
  paced.ask();
  paced.stop();
  await pass();
  expect(work).not.toHaveBeenCalled();

  paced.ask();
  await pass();
  paced.ask();
  paced.stop();
  ends[0]?.();
  await pass();
  expect(work).toHaveBeenCalledOnce();
});
