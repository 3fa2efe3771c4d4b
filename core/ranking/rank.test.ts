import { describe, expect, it } from 'vitest';
import type { RunResult } from '../contract/result.ts';
import { rank, reversals } from './rank.ts';

const result = (strategy: string, gbps: number, cpu: number) =>
  ({ strategy, throughputGbps: gbps, cpuNsPerByte: { backend: cpu } }) as unknown as RunResult;

describe('rank', () => {
  it('refuses two results of one strategy', () => {
    expect(() => rank([result('a', 1, 1), result('a', 2, 1)], 'throughput')).toThrow(/one result/);
  });

  it('puts less CPU time first, and more throughput', () => {
    const results = [result('slow', 1, 2), result('fast', 10, 1)];
    expect(rank(results, 'cpuPerByte').map((each) => each.strategy)).toEqual(['fast', 'slow']);
    expect(rank(results, 'throughput').map((each) => each.strategy)).toEqual(['fast', 'slow']);
  });

  it('marks what lies within 2 % of the first of its group as tied, and then goes on counting', () => {
    const order = rank([result('a', 100, 1), result('b', 99, 1), result('c', 97, 1)], 'throughput');
    expect(order.map(({ strategy, rank: r, tied }) => [strategy, r, tied])).toEqual([
      ['a', 1, true],
      ['b', 1, true],
      ['c', 3, false],
    ]);
  });
});

describe('reversals', () => {
  it('names the machines on either side, and leaves ties aside', () => {
    const orders = {
      x: rank([result('a', 2, 1), result('b', 1, 1)], 'throughput'),
      y: rank([result('a', 1, 1), result('b', 2, 1)], 'throughput'),
      z: rank([result('a', 1, 1), result('b', 1, 1)], 'throughput'),
    };
    expect(reversals(orders)).toEqual([{ first: 'a', second: 'b', ahead: ['x'], behind: ['y'] }]);
    expect(reversals({ x: orders.x, z: orders.z })).toEqual([]);
  });
});
