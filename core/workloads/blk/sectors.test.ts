import { describe, expect, it } from 'vitest';
import { K } from '../../contract/kinds.ts';
import { parseScenario } from '../../contract/scenario.ts';
import type { TraceSink } from '../../engine/recording.ts';
import { prepareRun } from '../../experiment/index.ts';

/** Sectors at which the disk was asked to begin, in the order in which it served. */
function sectorsOf(payloadBytes: number): number[] {
  const found: number[] = [];
  const nothing = () => undefined;
  const sink: TraceSink = {
    ...{ begin: nothing, request: nothing, hazard: nothing, sample: nothing, exposure: nothing },
    events({ count, kind, arg }) {
      for (let i = 0; i < count; i++) if (kind[i] === K.disk) found.push(arg[i] as number);
    },
  };
  const simulation = prepareRun(
    parseScenario({
      strategy: 'grant-map',
      workload: 'blk-write',
      payloadBytes,
      requests: 20,
      blk: { sequential: true, depth: 1 },
    }),
    sink,
  );
  while (simulation.step(10_000)) {
    // Go on.
  }
  simulation.finish();
  return found;
}

describe('where requests lie on the disk', () => {
  it.each([1500, 4096, 100_001])(
    'whole sectors, one request after the other: %i bytes',
    (bytes) => {
      const sectors = [...new Set(sectorsOf(bytes))];
      const inOrder = sectors.toSorted((a, b) => a - b);
      expect(inOrder.every(Number.isInteger)).toBe(true);
      expect(inOrder[1]).toBeGreaterThan(0);
      expect(inOrder).toContain(Math.ceil(bytes / 512));
    },
  );
});
