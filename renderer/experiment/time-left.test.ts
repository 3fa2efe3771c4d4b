import { expect, test } from 'vitest';
import type { RunJob } from '../../core/contract/index.ts';
import { leftText, timeLeft } from './time-left.ts';

const job = (state: RunJob['state'], elapsedMs = 0, share = 0, workload = 'net-tx') =>
  ({
    state,
    elapsedMs,
    progress: { done: share * 100, total: 100 },
    scenario: { workload },
  }) as unknown as RunJob;

test('before anything is known, nothing is promised', () => {
  expect(timeLeft([job('waiting'), job('running', 50, 0.01)], 2)).toBeNull();
  expect(leftText(null)).toBe('time left not known yet');
});

test('those that wait take as long as those that are over, shared out among the threads', () => {
  expect(timeLeft([job('done', 1000), job('waiting'), job('waiting')], 2)).toBe(1000);
  expect(timeLeft([job('running', 500, 0.5), job('waiting')], 1)).toBe(1500);
  expect(timeLeft([job('running', 500, 0.5)], 8)).toBe(500);
  expect(timeLeft([job('done', 1000), job('cancelled'), job('failed')], 2)).toBe(0);
  expect(leftText(40_000)).toBe('about 40 s left');
  expect(leftText(150_000)).toBe('about 3 min left');
});

test('the first run of each thread says little of a long list', () => {
  const waiting = Array.from({ length: 8 }, () => job('waiting'));
  expect(timeLeft([job('done', 9000), job('done', 9000), ...waiting], 2)).toBeNull();
  expect(timeLeft([job('done', 9000), job('done', 9000), job('done', 1000), ...waiting], 2)).toBe(
    4000,
  );
});

test('runs take as long as others of their workload', () => {
  const done = [job('done', 1000), job('done', 1000), job('done', 5000, 1, 'blk-write')];
  expect(timeLeft([...done, job('waiting', 0, 0, 'blk-write')], 1)).toBe(5000);
  expect(timeLeft([...done, job('waiting')], 1)).toBe(1000);
});
