/**
 * Golden fingerprints: each combination at 10 000 requests does today what it did yesterday, event for
 * event. A change of model or profile changes them; `UPDATE_GOLDENS=1` writes the new ones, and the
 * commit says why.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { listPairs, prepareRun } from '../core/experiment/index.ts';
import { HYPERVISOR_IDS, SOC_IDS, STRATEGY_IDS } from '../core/contract/ids.ts';
import { parseScenario } from '../core/contract/scenario.ts';

const FILE = new URL('./golden/fingerprints.json', import.meta.url);
const UPDATE = process.env.UPDATE_GOLDENS === '1';

const pairs = listPairs(STRATEGY_IDS, HYPERVISOR_IDS, SOC_IDS, parseScenario({})).filter(
  (pair) => pair.status !== 'refused',
);
const golden = JSON.parse(readFileSync(FILE, 'utf8')) as Record<string, string>;
const found: Record<string, string> = {};

describe('golden fingerprints', () => {
  it.each(pairs)('$strategy on $hypervisor, $soc', ({ strategy, hypervisor, soc }) => {
    const scenario = parseScenario({ strategy, hypervisor, soc, requests: 10_000 });
    const simulation = prepareRun(scenario, null);
    while (simulation.step(100_000)) {
      // Go on.
    }
    const key = `${strategy} ${hypervisor} ${soc}`;
    found[key] = simulation.finish().fingerprint;
    if (!UPDATE) expect(found[key]).toBe(golden[key]);
  });

  it('cover every combination that runs, and no other', () => {
    if (UPDATE) writeFileSync(FILE, `${JSON.stringify(found, null, 2)}\n`);
    else expect(Object.keys(golden)).toEqual(Object.keys(found));
  });
});
