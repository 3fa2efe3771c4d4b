/**
 * The traces that ship with the app are recordings of this very simulator: each is run again from the
 * scenario that it carries, and must come out the same. `UPDATE_GOLDENS=1` records them anew.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseScenario, type ScenarioInput } from '../core/contract/scenario.ts';
import { identify, prepareRun } from '../core/experiment/index.ts';
import { createTraceWriter, openTrace } from '../traces/index.ts';

const FOLDER = fileURLToPath(new URL('../traces/samples/', import.meta.url));
const UPDATE = process.env.UPDATE_GOLDENS === '1';
/** Samples carry a fixed date, so that recording them again changes nothing else. */
const RECORDED_AT = '2026-11-21T00:00:00.000Z';

const big = { payloadBytes: 65_536, requests: 40 } as const;
const kvm = { hypervisor: 'kvm-vhost', payloadBytes: 9000, requests: 100 } as const;

/** File name, what people read, and the scenario. */
const SAMPLES: readonly (readonly [file: string, name: string, scenario: ScenarioInput])[] = [
  ['map-64k', 'net-tx 64 KiB, map', { ...big, strategy: 'grant-map' }],
  ['copy-64k', 'net-tx 64 KiB, copy', { ...big, strategy: 'grant-copy' }],
  [
    'map-lazy-host',
    'net-tx 9 000 B, map, deferred host flush',
    { ...kvm, strategy: 'grant-map', hostDma: 'lazy' },
  ],
  [
    'viommu-a53',
    'net-tx 9 000 B, vIOMMU on a Cortex-A53',
    { ...kvm, strategy: 'viommu-strict', soc: 'cortex-a53' },
  ],
];

function record(path: string, name: string, input: ScenarioInput): void {
  const scenario = parseScenario(input);
  const writer = createTraceWriter(path, {
    name,
    scenario,
    recordedAt: RECORDED_AT,
    ...identify(scenario),
  });
  const simulation = prepareRun(scenario, writer);
  while (simulation.step(10_000)) {
    // Go on.
  }
  writer.finish({ status: 'complete', result: simulation.finish() });
}

describe('shipped traces', () => {
  it('are the ones that this test describes', () => {
    if (UPDATE) {
      for (const [file, name, scenario] of SAMPLES) {
        const path = join(FOLDER, `${file}.mctrace`);
        rmSync(path, { force: true });
        record(path, name, scenario);
      }
    }
    const files = readdirSync(FOLDER).filter((each) => each.endsWith('.mctrace'));
    expect(files.sort()).toEqual(SAMPLES.map(([file]) => `${file}.mctrace`).sort());
  });

  it.each(SAMPLES)('%s comes out the same when it is run again', (file, _name, input) => {
    const reader = openTrace(join(FOLDER, `${file}.mctrace`));
    const { provenance, scenario, result } = reader.info(file);
    reader.close();
    expect(scenario).toEqual(parseScenario(input));
    const again = prepareRun(parseScenario(scenario), null);
    while (again.step(10_000)) {
      // Go on.
    }
    const found = again.finish();
    expect(found.fingerprint).toBe(provenance.fingerprint);
    expect(found.counts).toEqual(result?.counts);
    expect(found.profiles).toEqual(result?.profiles);
  });

  it('answer for their counts with their own rows', () => {
    const folder = mkdtempSync(join(tmpdir(), 'mapcopy-samples-'));
    try {
      for (const [file, name, scenario] of SAMPLES) {
        const path = join(folder, `${file}.mctrace`);
        record(path, name, scenario);
        const reader = openTrace(path);
        const info = reader.info(file);
        reader.close();
        const counts: Record<string, number> = {};
        for (const kind of info.kinds) {
          for (const key of kind.counts) counts[key] = (counts[key] ?? 0) + kind.events;
        }
        for (const [key, count] of Object.entries(info.result?.counts ?? {})) {
          expect(counts[key] ?? 0, `${file}: ${key}`).toBe(count);
        }
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
