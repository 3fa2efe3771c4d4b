/** What queues hold: nothing where nothing says so, otherwise as much as the ring itself counted. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseScenario, type ScenarioInput } from '../../core/contract/scenario.ts';
import { identify, prepareRun } from '../../core/experiment/index.ts';
import { createTraceWriter } from '../write/writer.ts';
import { openTrace } from './reader.ts';

const folder = mkdtempSync(join(tmpdir(), 'mapcopy-rings-'));
afterAll(() => rmSync(folder, { recursive: true }));

function record(name: string, input: ScenarioInput) {
  const path = join(folder, `${name}.mctrace`);
  const scenario = parseScenario(input);
  const writer = createTraceWriter(path, {
    name,
    scenario,
    recordedAt: '2026-01-01T00:00:00.000Z',
    ...identify(scenario),
  });
  const simulation = prepareRun(scenario, writer);
  while (simulation.step(10_000)) {
    // Go on.
  }
  writer.finish({ status: 'complete', result: simulation.finish() });
  return openTrace(path);
}

describe('slots of a queue', () => {
  it('are not known where pushes name no request', () => {
    const reader = record('rx', { strategy: 'grant-map', workload: 'net-rx', requests: 100 });
    const { lastTick } = reader.info('rx');
    const { rings } = reader.state({ ts: Math.round(lastTick / 2), limit: 10 });
    expect(rings.length).toBeGreaterThan(0);
    expect(rings.every((ring) => ring.slots === null)).toBe(true);
    reader.close();
  });

  it('add up to what the transmit rings counted, and more are given than wait', () => {
    const reader = record('tx', {
      strategy: 'grant-map',
      payloadBytes: 9000,
      requests: 400,
      net: { queues: 2 },
    });
    const { lastTick, counters, tracks } = reader.info('tx');
    const counter = counters.find(({ name }) => name === 'Transmit ring')?.id;
    const queues = tracks.filter(({ name }) => name === 'Frontend').map(({ id }) => id);
    for (const part of [0.3, 0.5, 0.7]) {
      const state = reader.state({ ts: Math.round(lastTick * part), limit: 10 });
      const own = state.rings.filter(({ track }) => queues.includes(track));
      const sum = own.reduce((slots, ring) => slots + (ring.slots?.inFlight ?? 0), 0);
      expect(own).toHaveLength(2);
      // A push takes time, and the ring counts at its end: a packet of three slots in each queue.
      const counted = state.counters.find((each) => each.counter === counter)?.value ?? 0;
      expect(Math.abs(sum - counted)).toBeLessThanOrEqual(3 * own.length);
      expect(sum).toBeGreaterThan(0);
      for (const { slots } of own) {
        expect(slots?.waiting).toBeGreaterThanOrEqual(0);
        expect(slots?.waiting).toBeLessThanOrEqual(slots?.inFlight ?? 0);
      }
    }
    reader.close();
  });
});
