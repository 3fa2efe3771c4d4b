import { describe, expect, it } from 'vitest';
import { parseScenario, type ScenarioInput } from '../contract/scenario.ts';
import { prepareRun } from '../experiment/index.ts';

function run(input: ScenarioInput) {
  const simulation = prepareRun(parseScenario({ requests: 1000, ...input }), null);
  while (simulation.step(10_000)) {
    // Go on.
  }
  return simulation.finish();
}

describe('a run without faults', () => {
  it('shows no hazard that takes one', () => {
    const { hazards } = run({ strategy: 'grant-map' });
    expect(hazards).toMatchObject({ H1: 0, H2: 0, H5: 0, H6: 0, H8: null, H9a: 0, H9b: 0, H10: 0 });
  });
});

describe('a peer that dies', () => {
  it('leaves requests unanswered, each of them H9b, and the run ends', () => {
    const result = run({ strategy: 'grant-copy', faults: { peer: 'dead' } });
    expect(result.status).toBe('complete');
    expect(result.requests).toBeGreaterThanOrEqual(100);
    expect(result.requests).toBeLessThan(1000);
    expect(result.hazards.H9b).toBeGreaterThan(0);
  });

  it('holds pages of the guest where payload is mapped, and none where it is copied', () => {
    const dead = { payloadBytes: 9000, faults: { peer: 'dead' } } as const;
    expect(run({ ...dead, strategy: 'grant-map' }).hazards.H9a).toBeGreaterThan(0);
    expect(run({ ...dead, strategy: 'grant-copy' }).hazards.H9a).toBe(0);
  });
});

describe('a slow peer', () => {
  it('answers everything, late', () => {
    const result = run({ strategy: 'grant-copy', faults: { peer: 'slow' } });
    expect(result.requests).toBe(1000);
    expect(result.hazards.H9b).toBeGreaterThan(0);
  });
});

describe('a rogue device', () => {
  it('reaches what is mapped for it or stands open, not what a copy keeps from it', () => {
    const rogue = { faults: { rogueDevice: true } } as const;
    expect(run({ ...rogue, strategy: 'grant-map' }).hazards.H1).toBeGreaterThan(0);
    expect(run({ ...rogue, strategy: 'grant-copy' }).hazards).toMatchObject({ H1: 0, H2: 0 });
  });
});

describe('a rogue frontend', () => {
  it('changes payload behind the back of whoever maps it, not of whoever has copied it', () => {
    const rogue = { faults: { rogueFrontend: true }, requests: 3000 } as const;
    expect(run({ ...rogue, strategy: 'grant-map' }).hazards.H8).toBeGreaterThan(0);
    expect(run({ ...rogue, strategy: 'grant-copy' }).hazards.H8).toBe(0);
  });
});

describe('memory pressure', () => {
  it('is H6 when the backend has to drop for it', () => {
    const tight = {
      strategy: 'grant-copy',
      payloadBytes: 61_440,
      arrival: { inFlight: 200 },
      backend: { memoryMiB: 16 },
      device: { linkMbps: 10_000 },
    } as const;
    expect(run(tight).hazards.H6).toBe(0);
    const pressed = run({ ...tight, faults: { memoryPressureUs: 500 } });
    expect(pressed.hazards.H6).toBeGreaterThan(0);
    expect(pressed.requests).toBe(1000);
  });
});

describe('a guest that gives everything back', () => {
  it('refuses acknowledgements for ever: the run ends when its requests have', () => {
    const result = run({
      strategy: 'grant-light',
      hypervisor: 'kvm-vhost',
      soc: 'cortex-a53',
      workload: 'net-tx',
      requests: 40,
      payloadBytes: 64,
      seed: 2_092_865_597,
      arrival: { inFlight: 64 },
      net: { ackEvery: 52 },
      frontend: { memoryMiB: 64, fragmentBytes: 4096, pageExclusive: false },
      backend: { memoryMiB: 256 },
      device: { linkMbps: 0, ringEntries: 64 },
      faults: { balloonPerSecond: 200_000, peer: 'slow', memoryPressureUs: 50 },
    });
    expect(result).toMatchObject({ status: 'complete', requests: 40 });
  });
});

describe('faults are part of a scenario', () => {
  it('and so the same seed brings the same ones', () => {
    const input = { strategy: 'grant-map', faults: { balloonPerSecond: 100_000 } } as const;
    expect(run({ ...input, seed: 5 }).fingerprint).toBe(run({ ...input, seed: 5 }).fingerprint);
    expect(run({ ...input, seed: 5 }).fingerprint).not.toBe(run({ ...input, seed: 6 }).fingerprint);
  });
});
