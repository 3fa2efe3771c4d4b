/**
 * Golden fingerprints: each case does today what it did yesterday, event for event. A change of model
 * or profile changes them; `UPDATE_GOLDENS=1` writes the new ones, and the commit says why.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Scenario } from '../core/contract/scenario.ts';
import { prepareRun } from '../core/experiment/index.ts';
import { goldenCases } from './golden/cases.ts';

const FILE = new URL('./golden/fingerprints.json', import.meta.url);
const UPDATE = process.env.UPDATE_GOLDENS === '1';

const cases = goldenCases();
const golden = JSON.parse(readFileSync(FILE, 'utf8')) as Record<string, string>;
const found: Record<string, string> = {};

describe('golden fingerprints', () => {
  it.each([...cases.keys()])('%s', (name) => {
    const simulation = prepareRun(cases.get(name) as Scenario, null);
    while (simulation.step(100_000)) {
      // Go on.
    }
    found[name] = simulation.finish().fingerprint;
    if (!UPDATE) expect(found[name]).toBe(golden[name]);
  });

  it('cover every strategy, workload and topology that run together, and no other', () => {
    if (UPDATE) writeFileSync(FILE, `${JSON.stringify(found, null, 2)}\n`);
    else expect(Object.keys(golden)).toEqual(Object.keys(found));
  });
});
