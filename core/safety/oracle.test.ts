/**
 * The oracle against strategies that do it right, and against one that does not: an oracle that finds
 * nothing wrong proves little until it has been seen to find something.
 */
import { exists } from '../base/assert.ts';
import { describe, expect, it } from 'vitest';
import { parseScenario, type ScenarioInput } from '../contract/scenario.ts';
import type { HazardRecord, TraceSink } from '../engine/recording.ts';
import { prepareRun, prepareRunOf } from '../experiment/run.ts';
import { grantMap } from '../strategies/grant-map.ts';
import type { Strategy } from '../strategies/types.ts';
import { Counters } from '../engine/counters.ts';
import { Engine } from '../engine/engine.ts';
import { Recorder } from '../engine/recorder.ts';
import { ActorExposure } from './exposure.ts';
import { HazardLog } from './hazards.ts';
import { Oracle } from './oracle.ts';
import { PATIENCE_PS } from './patience.ts';

function observed(input: ScenarioInput, strategy?: Strategy) {
  const hazards: HazardRecord[] = [];
  const sink: TraceSink = {
    begin: () => undefined,
    events: () => undefined,
    request: () => undefined,
    hazard: (record) => hazards.push(record),
    sample: () => undefined,
    exposure: () => undefined,
  };
  const scenario = parseScenario({ requests: 200, ...input });
  const run =
    strategy === undefined ? prepareRun(scenario, sink) : prepareRunOf(strategy, scenario, sink);
  while (run.step(1000)) {
    // Go on.
  }
  return { result: run.finish(), hazards };
}

/** Unmaps as soon as it has mapped: the device then reads frames that nothing covers any more. */
const earlyUnmap: Strategy = {
  ...grantMap,
  carrier(world, iommu) {
    const run = exists(grantMap.carrier?.(world, iommu), 'it carries');
    return {
      ...run,
      *accept(cpu, batch) {
        yield* run.accept(cpu, batch);
        yield* run.release(cpu, batch);
      },
      *release() {
        // Done already, and far too early.
      },
    };
  },
};

describe('H1, use after unmap', () => {
  it('is found when a backend unmaps before the device is done', () => {
    const { result, hazards } = observed({ payloadBytes: 9000 }, earlyUnmap);
    // Three pages of each request; the header was copied.
    expect(result.hazards.H1).toBe(3 * 200);
    expect(hazards.filter((each) => each.code === 'H1')[0]).toMatchObject({
      actor: 'device',
      note: 'the mapping was gone; access went through',
    });
  });

  it('is not found when it waits', () => {
    expect(observed({ strategy: 'grant-map', payloadBytes: 9000 }).result.hazards.H1).toBe(0);
  });
});

describe('H3, sub-page leak', () => {
  it('opens for each partly used page that is mapped, and closes when it is unmapped', () => {
    const { result, hazards } = observed({ strategy: 'grant-map', payloadBytes: 5000 });
    const leaks = hazards.filter((each) => each.code === 'H3');
    expect(result.hazards.H3).toBe(200);
    expect(leaks.length).toBe(200);
    for (const leak of leaks) {
      expect(leak.closed).toBeGreaterThan(leak.opened);
      expect(leak.note).toBe('page shared for 904 of its 4096 bytes');
      expect(leak.causes.length).toBe(1);
    }
  });

  it('does not exist for whole pages, for page-exclusive buffers, or for copies', () => {
    const map = { strategy: 'grant-map' } as const;
    expect(observed({ ...map, payloadBytes: 8192 }).result.hazards.H3).toBe(0);
    const exclusive = { payloadBytes: 5000, frontend: { pageExclusive: true } };
    expect(observed({ ...map, ...exclusive }).result.hazards.H3).toBe(0);
    expect(observed({ strategy: 'grant-copy', payloadBytes: 5000 }).result.hazards.H3).toBe(0);
  });
});

describe('H4, stale IOTLB window', () => {
  const base = {
    strategy: 'grant-map',
    hypervisor: 'kvm-vhost',
    payloadBytes: 4096,
    requests: 2000,
  } as const;

  it('opens when the host unmaps lazily, and closes with the flush', () => {
    const { result, hazards } = observed({ ...base, hostDma: 'lazy' });
    // Those whose translation has not had to make room in the IOTLB before.
    expect(result.hazards.H4).toBeGreaterThan(100);
    const windows = hazards.filter((each) => each.code === 'H4' && each.closed >= 0);
    expect(windows.length).toBeGreaterThan(0);
    for (const { opened, closed } of windows) {
      // 10 ms and what the timer's interrupt and the flush take.
      expect(closed - opened).toBeLessThan(10.1e9);
    }
    expect(result.exposure.device?.staleByteSeconds).toBeGreaterThan(0);
  });

  it('does not exist when it unmaps strictly, or when only copies reach the device', () => {
    expect(observed({ ...base, hostDma: 'strict' }).result.hazards.H4).toBe(0);
    expect(observed({ ...base, strategy: 'grant-copy', hostDma: 'lazy' }).result.hazards.H4).toBe(
      0,
    );
  });
});

describe('H7, over-broad reach', () => {
  it('is all of memory but the named frames for a device without an IOMMU in its way', () => {
    const { result, hazards } = observed({ strategy: 'grant-copy', requests: 1, payloadBytes: 64 });
    expect(result.hazards.H7).toBe(262_144 - 1);
    expect(hazards.find((each) => each.code === 'H7')).toMatchObject({
      actor: 'device',
      opened: 0,
    });
  });

  it('exists for the backend when its memory table holds more than the pool', () => {
    const base = {
      strategy: 'swiotlb-bounce',
      hypervisor: 'kvm-vhost',
      hostDma: 'strict',
      payloadBytes: 64,
    } as const;
    expect(observed(base).result.hazards.H7).toBe(0);
    const all = observed({ ...base, swiotlb: { memoryTable: 'all' } });
    expect(all.result.hazards.H7).toBeGreaterThan(260_000);
    expect(all.result.exposure.backend?.standingBytes).toBe(2 ** 30);
  });
});

/** An oracle over four frames from 100 on, with a clock to set. */
function watching(ownDevice = false) {
  const engine = new Engine();
  const recorder = new Recorder(engine, null, 1);
  const counters = new Counters(engine, null);
  const oracle = new Oracle(engine, new HazardLog(engine, recorder, null, 0), counters, {
    first: 100,
    frames: 4,
    pageExclusive: true,
    ownDevice,
  });
  return { oracle, at: (ps: number) => (engine.now = ps) };
}
const READ = { request: 1, event: 1, write: false, outcome: 'done' } as const;
const WRITE = { ...READ, write: true } as const;

describe('a device access that nothing permits', () => {
  it('is H2 when it reads, and wrong data when the frame has another use by then', () => {
    const { oracle } = watching();
    oracle.access('device', 100, READ);
    expect(oracle.hazards()).toMatchObject({ H1: 1, H2: 1, H10: 0 });
    expect(oracle.wrongDataOnWire).toBe(1);
  });

  it('is H1 alone while the owner waits for the invalidation; H2 when it has taken the frame back', () => {
    const stale = { ...READ, outcome: 'stale' } as const;
    const { oracle } = watching(true);
    oracle.authorise(100);
    oracle.map('device', 100, 1, 1);
    oracle.unmap('device', 100, true);
    oracle.access('device', 100, stale);
    expect(oracle.hazards()).toMatchObject({ H1: 1, H2: 0 });
    oracle.reclaim(100, []);
    oracle.access('device', 100, stale);
    expect(oracle.hazards()).toMatchObject({ H1: 2, H2: 1 });
    // The frame is in use again, for something else: the old translation leads to that.
    oracle.authorise(100);
    oracle.map('device', 100, 1, 1);
    oracle.access('device', 100, stale);
    expect(oracle.hazards()).toMatchObject({ H1: 3, H2: 2 });
    expect(oracle.wrongDataOnWire).toBe(2);
  });

  it('is none in a region that is set aside for I/O', () => {
    const { oracle } = watching();
    oracle.standing('backend', 100, 2, { dedicated: true, note: 'the pool' });
    oracle.access('device', 101, READ);
    oracle.access('device', 101, WRITE);
    expect(oracle.hazards()).toMatchObject({ H1: 0, H2: 0, H10: 0 });
    oracle.access('device', 102, READ);
    expect(oracle.hazards()).toMatchObject({ H1: 1, H2: 1 });
  });

  it('is H10 when it writes where the owner has taken the frame back', () => {
    const { oracle } = watching();
    oracle.authorise(100);
    oracle.map('backend', 100, 1, 1);
    oracle.access('device', 100, WRITE);
    oracle.unmap('backend', 100, false);
    oracle.access('device', 100, WRITE);
    expect(oracle.hazards().H10).toBe(0);
    oracle.reclaim(100, []);
    oracle.access('device', 100, WRITE);
    expect(oracle.hazards()).toMatchObject({ H1: 2, H10: 1 });
  });

  it('is H5 when the frame has another owner than when it was translated', () => {
    const { oracle } = watching();
    oracle.authorise(100);
    oracle.need(100, 4096);
    oracle.map('backend', 100, 1, 1);
    oracle.given(100);
    oracle.access('device', 100, WRITE);
    expect(oracle.hazards()).toMatchObject({ H5: 1, H10: 1, H1: 0 });
    oracle.translated(100);
    oracle.access('device', 100, WRITE);
    expect(oracle.hazards().H5).toBe(1);
  });

  it('is none with a lease, or with the own mapping of a guest that drives the device', () => {
    const { oracle } = watching();
    oracle.authorise(100);
    oracle.lease(100, 1);
    oracle.access('device', 100, READ);
    oracle.lease(100, -1);
    const own = watching(true).oracle;
    own.authorise(100);
    own.map('device', 100, 1, 1);
    own.access('device', 100, READ);
    expect([oracle.hazards().H1, own.hazards().H1]).toEqual([0, 0]);
    oracle.access('device', 100, READ);
    expect(oracle.hazards().H1).toBe(1);
  });
});

describe('H8, changed between check and use', () => {
  it('shows once for each change, at the next use', () => {
    const { oracle } = watching();
    oracle.authorise(100);
    oracle.map('backend', 100, 1, 1);
    oracle.changed('frontend', 100);
    oracle.access('device', 100, READ);
    oracle.access('device', 100, READ);
    expect(oracle.hazards().H8).toBe(1);
  });

  it('is none when the owner has given the frame anew since', () => {
    const { oracle } = watching();
    oracle.changed('frontend', 100);
    oracle.authorise(100);
    oracle.map('backend', 100, 1, 1);
    oracle.access('device', 100, READ);
    expect(oracle.hazards().H8).toBe(0);
  });
});

describe('H9, what comes late', () => {
  it('is a page that the backend keeps for more than 5 ms after its last use', () => {
    for (const [held, expected] of [
      [PATIENCE_PS, 0],
      [PATIENCE_PS + 1, 1],
    ] as const) {
      const { oracle, at } = watching();
      oracle.need(100, 4096);
      oracle.map('backend', 100, 1, 1);
      at(1000);
      oracle.needless(100, 4096);
      at(1000 + held);
      oracle.unmap('backend', 100, false);
      expect(oracle.hazards().H9a).toBe(expected);
    }
  });

  it('is a page that its guest has given back, and that is referenced for more than 5 ms', () => {
    const { oracle, at } = watching();
    oracle.orphans.add(100, 1);
    oracle.orphans.add(101, 2);
    oracle.orphans.add(102, 3);
    at(PATIENCE_PS);
    oracle.orphans.free(100);
    expect(oracle.hazards().H9a).toBe(0);
    at(PATIENCE_PS + 1);
    oracle.orphans.free(101);
    expect(oracle.hazards().H9a).toBe(1);
    oracle.finish();
    expect(oracle.hazards().H9a).toBe(2);
  });

  it('is an answer more than 5 ms after the device was done, or none at all', () => {
    const { oracle, at } = watching();
    oracle.access('device', 999, { ...READ, request: 7 });
    at(PATIENCE_PS);
    oracle.answers.answered(7, 0, true);
    expect(oracle.hazards().H9b).toBe(0);
    oracle.access('device', 999, { ...READ, request: 8 });
    at(2 * PATIENCE_PS + 1);
    oracle.answers.answered(8, 0, true);
    oracle.answers.unanswered(9, 0);
    expect(oracle.hazards().H9b).toBe(2);
  });
});

describe('H6, exhaustion', () => {
  it('opens once for each resource until there is room again', () => {
    const { oracle } = watching();
    oracle.exhausted('backend', 'pool', 1);
    oracle.exhausted('backend', 'pool', 2);
    oracle.exhausted('backend', 'table', 2);
    oracle.available('backend', 'pool');
    oracle.exhausted('backend', 'pool', 3);
    expect(oracle.hazards().H6).toBe(3);
  });
});

describe('exposure', () => {
  const second = 1e12;

  it('counts a frame as held, granule or stale, one at a time', () => {
    const exposure = new ActorExposure(100, 4);
    exposure.map(101, 1, 1000, 0);
    exposure.needChanged(101, 0, second);
    exposure.map(101, -1, 0, 2 * second);
    exposure.setStale(101, true, 0, 2 * second);
    exposure.setStale(101, false, 0, 3 * second);
    exposure.advance(10 * second);
    expect(exposure.result()).toEqual({
      granuleByteSeconds: 3096,
      heldByteSeconds: 4096,
      staleByteSeconds: 4096,
      standingBytes: 0,
      obtainableByteSeconds: 0,
    });
  });

  it('adds what privilege could map, less what is mapped', () => {
    const exposure = new ActorExposure(0, 10);
    exposure.grantPrivilege();
    exposure.advance(second);
    exposure.addStanding(0, 4);
    exposure.advance(2 * second);
    expect(exposure.result().obtainableByteSeconds).toBe(10 * 4096 + 6 * 4096);
    expect(exposure.result().standingBytes).toBe(4 * 4096);
  });
});
