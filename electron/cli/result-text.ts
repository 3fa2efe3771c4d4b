import { COUNT_KEYS, HAZARDS, type HazardId, type RunResult } from '../../core/contract/index.ts';
import { bytes, duration, number, pairs, percent, table } from './text.ts';

/** A result for people: what it cost and what it protected, one never without the other. */
export function resultText(result: RunResult): string {
  return [
    headline(result),
    section('Performance (simulated, steady state)', performance(result)),
    section('CPU time', cpuTable(result)),
    section('Busy', busyTable(result)),
    section('Operations, whole run', countTable(result)),
    section('Safety: hazards', hazardTable(result)),
    section('Safety: exposure', exposureTable(result)),
    section('Provenance', provenance(result)),
  ].join('\n');
}

function section(title: string, body: string): string {
  return `${title}\n${'='.repeat(title.length)}\n${body}`;
}

function headline(result: RunResult): string {
  const label = result.pair === 'native' ? '' : ` [${result.pair}: ${result.pairReason}]`;
  const cut = result.status === 'complete' ? '' : ' (incomplete)';
  return `${result.strategy} on ${result.hypervisor}, ${result.soc}, ${result.workload}, ${result.topology}${label}${cut}\n`;
}

function performance(result: RunResult): string {
  const { latencyNs: latency } = result;
  return pairs([
    ['Throughput', `${number(result.throughputGbps)} Gb/s`],
    ['Requests', `${number(result.requestsPerSecond)} /s (${number(result.requests)} in all)`],
    ['Latency p50', duration(latency.p50)],
    ['Latency p99', duration(latency.p99)],
    ['Latency p99.9', duration(latency.p999)],
    ['Bottleneck', result.bottleneck],
    ...unsteady(result),
    ['Copied', bytes(result.copiedBytes)],
    ['Pinned pages, most', number(result.pinnedPagesMax)],
    ['IOTLB hit rate', result.hitRate.iotlb === null ? 'none' : percent(result.hitRate.iotlb)],
    ['Simulated', `${duration(result.simulatedNs)}, warm-up ${duration(result.warmupNs)}`],
    ['Wall time', `${number(result.wallMs)} ms`],
  ]);
}

function cpuTable(result: RunResult): string {
  const perByte: Record<string, number> = result.cpuNsPerByte;
  return table(
    [
      { title: 'actor' },
      { title: 'ns per request', align: 'right' },
      { title: 'ns per byte', align: 'right' },
    ],
    Object.entries(result.cpuNsPerRequest).map(([actor, ns]) => [
      actor,
      number(ns),
      number(perByte[actor] ?? 0),
    ]),
  );
}

function busyTable(result: RunResult): string {
  return table(
    [{ title: 'CPU or server' }, { title: 'busy', align: 'right' }],
    Object.entries(result.busy).map(([name, fraction]) => [name, percent(fraction)]),
  );
}

function countTable(result: RunResult): string {
  return table(
    [
      { title: 'operation' },
      { title: 'count', align: 'right' },
      { title: 'per request', align: 'right' },
    ],
    COUNT_KEYS.map((key) => {
      const count = result.counts[key];
      return [key, number(count), number(result.requests === 0 ? 0 : count / result.requests)];
    }),
  );
}

function hazardTable(result: RunResult): string {
  return table(
    [{ title: 'hazard' }, { title: 'name' }, { title: 'occurrences', align: 'right' }],
    Object.entries(result.hazards).map(([code, count]) => [
      code,
      HAZARDS[code as HazardId].name,
      count === null ? 'not checked' : number(count),
    ]),
  );
}

function exposureTable(result: RunResult): string {
  const right = (title: string) => ({ title, align: 'right' as const });
  const windows = `Payload page reachable by others: p50 ${duration(result.windowsNs.p50)}, p99 ${duration(result.windowsNs.p99)}, max ${duration(result.windowsNs.max)}\n`;
  return (
    table(
      [
        { title: 'actor' },
        right('held B·s'),
        right('obtainable B·s'),
        right('standing'),
        right('granule B·s'),
        right('stale B·s'),
      ],
      Object.entries(result.exposure).map(([actor, exposure]) => [
        actor,
        number(exposure.heldByteSeconds),
        number(exposure.obtainableByteSeconds),
        bytes(exposure.standingBytes),
        number(exposure.granuleByteSeconds),
        number(exposure.staleByteSeconds),
      ]),
    ) + windows
  );
}

function provenance(result: RunResult): string {
  const profiles = Object.entries(result.profiles).map(([id, hash]) => `${id} ${hash}`);
  return pairs([
    ['Fingerprint', result.fingerprint],
    ['Scenario hash', result.scenarioHash],
    ['Seed', String(result.seed)],
    ['Profiles', profiles.join(', ')],
    ['Version', `mapcopy ${result.version}`],
    ['Trace', result.file ?? 'not recorded (--out FILE records one)'],
  ]);
}

/** Said aloud where the figures are not of a steady state. */
function unsteady({ steady }: RunResult): [string, string][] {
  return steady
    ? []
    : [['Steady state', 'not reached: give more --requests before you rely on rates']];
}
