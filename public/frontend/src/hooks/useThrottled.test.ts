import { act, renderHook } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { useThrottled } from './useThrottled';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test('of a value that changes often only the newest is taken over, once in a while', () => {
  const { result, rerender } = renderHook(({ value }) => useThrottled(value, 1_000), {
    initialProps: { value: 'first' },
  });
  expect(result.current).toBe('first');

  rerender({ value: 'second' });
  rerender({ value: 'third' });
  expect(result.current).toBe('first');

  act(() => {
    vi.advanceTimersByTime(1_000);
  });
  expect(result.current).toBe('third');
});
