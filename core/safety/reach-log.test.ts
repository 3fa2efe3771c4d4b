/** Intervals of reach and need against the integrals that the oracle keeps by other means. */
import { describe, expect, it } from 'vitest';
import { PAGE_SIZE } from '../base/brand.ts';
import { parseScenario, type ScenarioInput } from '../contract/scenario.ts';
import { NONE, type NeedRecord, type ReachRecord, type TraceSink } from '../engine/recording.ts';
import { prepareRun } from '../experiment/run.ts';

function logged(input: ScenarioInput) {
  const reach: ReachRecord[] = [];
  const needs: NeedRecord[] = [];
  const standing: { actor: string; frames: number }[] = [];
  const sink: TraceSink = {
    begin: () => undefined,
    events: () => undefined,
    request: () => undefined,
    hazard: () => undefined,
    sample: () => undefined,
    exposure: () => undefined,
    memory: {
      guest: () => undefined,
      standing: (range) => standing.push(range),
      reach: (record) => reach.push(record),
      need: (record) => needs.push(record),
    },
  };
  const run = prepareRun(parseScenario({ requests: 300, payloadBytes: 16_384, ...input }), sink);
  while (run.step(1000)) {
    // Go on.
  }
  return { result: run.finish(), end: run.simulatedNs * 1000, reach, needs, standing };
}

/** Byte-seconds of [from, to) of which `needed` says when the frame was needed. */
function beyondNeed(
  reach: readonly ReachRecord[],
  needs: readonly NeedRecord[],
  end: number,
): { held: number; stale: number } {
  const needed = new Map<number, [number, number][]>();
  for (const { frame, frames, opened, closed } of needs) {
    for (let mfn = frame; mfn < frame + frames; mfn++) {
      const times = needed.get(mfn) ?? [];
      times.push([opened, closed === NONE ? end : closed]);
      needed.set(mfn, times);
    }
  }
  let held = 0;
  let stale = 0;
  for (const { frame, opened, stale: since, closed } of reach) {
    const until = closed === NONE ? end : closed;
    const mapped = since === NONE ? until : since;
    stale += until - mapped;
    held += mapped - opened;
    for (const [from, to] of needed.get(frame) ?? []) {
      held -= Math.max(0, Math.min(to, mapped) - Math.max(from, opened));
    }
  }
  const bytes = PAGE_SIZE * 1e-12;
  return { held: held * bytes, stale: stale * bytes };
}

describe('intervals of reach', () => {
  it.each<ScenarioInput>([
    { strategy: 'grant-map', hypervisor: 'xen-pv-dom0-strict' },
    { strategy: 'grant-map', hypervisor: 'kvm-vhost', hostDma: 'lazy' },
    { strategy: 'grant-persistent', hypervisor: 'xen-pv-dom0-strict' },
    { strategy: 'viommu-deferred', hypervisor: 'kvm-vhost', hostDma: 'strict' },
    { strategy: 'grant-light', hypervisor: 'xen-pvh-dom0' },
    { strategy: 'iommu-lazy', topology: 'native', hypervisor: 'kvm-vhost' },
  ])('add up to the exposure of $strategy on $hypervisor', (input) => {
    const { result, end, reach, needs, standing } = logged(input);
    expect(reach.length).toBeGreaterThan(0);
    expect(standing).toEqual([]);
    for (const actor of ['backend', 'device'] as const) {
      const exposure = result.exposure[actor];
      const found = beyondNeed(
        reach.filter((each) => each.actor === actor),
        needs,
        end,
      );
      expect(found.held).toBeCloseTo(exposure?.heldByteSeconds ?? 0, 9);
      expect(found.stale).toBeCloseTo(exposure?.staleByteSeconds ?? 0, 9);
    }
  });

  it('come in the order of their ends, those that are open last', () => {
    const { reach, needs } = logged({
      strategy: 'grant-persistent',
      hypervisor: 'xen-pv-dom0-strict',
    });
    for (const rows of [reach, needs]) {
      const ends = rows.map(({ closed }) => (closed === NONE ? Infinity : closed));
      expect(ends).toEqual([...ends].sort((a, b) => a - b));
    }
    expect(reach.some(({ closed }) => closed === NONE)).toBe(true);
  });

  it('say who may write: the other side of what is sent may not, of what is received it may', () => {
    const writes = (workload: 'net-tx' | 'net-rx') =>
      new Set(logged({ strategy: 'viommu-strict', workload }).reach.map(({ write }) => write));
    expect(writes('net-tx')).toEqual(new Set([false]));
    expect(writes('net-rx')).toEqual(new Set([true]));
  });

  it('of a region for the whole run are told as one range', () => {
    const { standing } = logged({ strategy: 'map-all-memory', hypervisor: 'kvm-vhost' });
    expect(standing.map(({ actor }) => actor)).toContain('backend');
  });
});
