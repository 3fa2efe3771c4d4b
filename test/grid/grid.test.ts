/**
 * The whole grid: every combination runs to its end with all checkers on, or is refused with a reason
 * of one sentence. `MAPCOPY_LONG=1` runs 1,000 requests of each. The table of counts is kept in
 * `table.json`; `UPDATE_GOLDENS=1` writes it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { judge, prepareRun } from '../../core/experiment/index.ts';
import { combinationsOf, STRATEGIES_OF_THE_GRID, type GridCounts } from './grid.ts';

const FILE = new URL('./table.json', import.meta.url);
const UPDATE = process.env.UPDATE_GOLDENS === '1';
const LONG = process.env.MAPCOPY_LONG === '1';
const REQUESTS = LONG ? 1000 : 12;

const golden = JSON.parse(readFileSync(FILE, 'utf8')) as Record<string, GridCounts>;
const found: Record<string, GridCounts> = {};

describe('the whole grid runs, or says in one sentence why not', () => {
  it.each(STRATEGIES_OF_THE_GRID)('%s', { timeout: LONG ? 3_600_000 : 120_000 }, (strategy) => {
    const counts: GridCounts = {};
    found[strategy] = counts;
    for (const scenario of combinationsOf(strategy, REQUESTS)) {
      const { hypervisor, soc, topology, workload } = scenario;
      const where = `${strategy} on ${hypervisor}, ${soc}, ${workload}, ${topology}`;
      const key = `${workload} ${topology}`;
      const cell = (counts[key] ??= { native: 0, hypothetical: 0, refused: 0 });
      const pair = judge(scenario);
      cell[pair.status]++;
      if (pair.status !== 'native') expect(pair.reason, where).toMatch(/^[^\n]{20,300}\.$/);
      if (pair.status === 'refused') continue;
      try {
        const simulation = prepareRun(scenario, null);
        while (simulation.step(100_000)) {
          // Go on.
        }
        const result = simulation.finish();
        const wanted =
          workload === 'recorded' ? scenario.recorded.stream.length : scenario.requests;
        expect(result.requests, where).toBe(wanted);
        expect(result.status, where).toBe('complete');
      } catch (error) {
        throw new Error(`${where}: ${error instanceof Error ? error.stack : String(error)}`, {
          cause: error,
        });
      }
    }
    if (!UPDATE) expect(counts).toEqual(golden[strategy]);
  });

  it('and the table of counts covers every strategy', () => {
    if (UPDATE) writeFileSync(FILE, `${JSON.stringify(found, null, 2)}\n`);
    else expect(Object.keys(golden).sort()).toEqual([...STRATEGIES_OF_THE_GRID].sort());
  });
});
