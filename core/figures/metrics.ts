/** What a result can be ranked by: one number per run, with its unit and its better direction. */
import { ofActor, type Exposure, type RunResult } from '../contract/result.ts';
import { bytes, fixed, short, significant } from './numbers.ts';

export interface Metric {
  readonly id: string;
  readonly name: string;
  readonly unit: string;
  readonly better: 'lower' | 'higher';
  readonly doc: string;
  /** Null where the run has no such number. */
  readonly value: (result: RunResult) => number | null;
}

const sum = (parts: Partial<Record<string, number>>): number =>
  Object.values(parts).reduce<number>((total, part) => total + (part ?? 0), 0);

/**
 * Actors whose reach into the guest's memory is a question: the owner and the hypervisor, which can
 * reach everything by construction, are not.
 */
export function strangers(result: Pick<RunResult, 'exposure'>): readonly [string, Exposure][] {
  return Object.entries(result.exposure).filter(
    (entry): entry is [string, Exposure] =>
      entry[0] !== 'frontend' && entry[0] !== 'hypervisor' && entry[1] !== undefined,
  );
}

/** Reach beyond need of all strangers, by its cause, in byte seconds. */
export function beyondNeed(result: Pick<RunResult, 'exposure'>): {
  held: number;
  granule: number;
  stale: number;
  total: number;
} {
  const all = strangers(result).map(([, exposure]) => exposure);
  const held = all.reduce((total, each) => total + each.heldByteSeconds, 0);
  const granule = all.reduce((total, each) => total + each.granuleByteSeconds, 0);
  const stale = all.reduce((total, each) => total + each.staleByteSeconds, 0);
  return { held, granule, stale, total: held + granule + stale };
}

/** Exposure beyond need in KiB·s for each GiB of payload that the run moved. */
export function exposurePerGib(result: RunResult): number | null {
  const moved = result.requests * result.payloadBytes;
  return moved === 0 ? null : beyondNeed(result).total / 1024 / (moved / 2 ** 30);
}

/** Reach in KiB·s, in the unit that suits it: bytes that could be reached, times how long. */
export const reachText = (kib: number): string => `${bytes(kib * 1024)}·s`;

export const cpuPerRequest = (result: RunResult): number => sum(result.cpuNsPerRequest);
export const cpuPerByte = (result: RunResult): number => sum(result.cpuNsPerByte);

export const METRICS: readonly Metric[] = [
  {
    id: 'cpu-per-byte',
    name: 'CPU time per byte',
    unit: 'ns/B',
    better: 'lower',
    doc: 'CPU time of all actors for one byte of payload, in steady state.',
    value: cpuPerByte,
  },
  {
    id: 'cpu-per-request',
    name: 'CPU time per request',
    unit: 'µs',
    better: 'lower',
    doc: 'CPU time of all actors for one request, in steady state.',
    value: (result) => cpuPerRequest(result) / 1000,
  },
  {
    id: 'throughput',
    name: 'Throughput',
    unit: 'Gb/s',
    better: 'higher',
    doc: 'Payload carried in steady state.',
    value: (result) => result.throughputGbps,
  },
  {
    id: 'latency-p50',
    name: 'Latency, median',
    unit: 'µs',
    better: 'lower',
    doc: 'From submission until the frontend may reuse the buffer.',
    value: (result) => result.latencyNs.p50 / 1000,
  },
  {
    id: 'latency-p99',
    name: 'Latency, p99',
    unit: 'µs',
    better: 'lower',
    doc: 'From submission until the frontend may reuse the buffer, 99th percentile.',
    value: (result) => result.latencyNs.p99 / 1000,
  },
  {
    id: 'latency-p999',
    name: 'Latency, p99.9',
    unit: 'µs',
    better: 'lower',
    doc: 'From submission until the frontend may reuse the buffer, 99.9th percentile.',
    value: (result) => result.latencyNs.p999 / 1000,
  },
  {
    id: 'requests-per-second',
    name: 'Requests per second',
    unit: '1/s',
    better: 'higher',
    doc: 'Requests carried in steady state.',
    value: (result) => result.requestsPerSecond,
  },
  {
    id: 'exposure',
    name: 'Exposure beyond need',
    unit: 'KiB·s/GiB',
    better: 'lower',
    doc: 'Memory that someone else could reach without needing it, times how long, for each GiB moved.',
    value: exposurePerGib,
  },
  {
    id: 'window-p99',
    name: 'Reach window, p99',
    unit: 'µs',
    better: 'lower',
    doc: 'How long a payload page stayed reachable by anyone but its owner.',
    value: (result) => result.windowsNs.p99 / 1000,
  },
  {
    id: 'copied',
    name: 'Bytes copied per byte',
    unit: 'B/B',
    better: 'lower',
    doc: 'Bytes copied by CPUs, hypervisor and copy engines for one byte of payload.',
    value: (result) => {
      const moved = result.requests * result.payloadBytes;
      return moved === 0 ? null : result.copiedBytes / moved;
    },
  },
  {
    id: 'memory',
    name: 'Payload memory',
    unit: 'KiB',
    better: 'lower',
    doc: 'Most payload memory held at a time, by frontend and backend together.',
    value: (result) => sum(result.memoryBytes) / 1024,
  },
  {
    id: 'memory-backend',
    name: 'Payload memory of the backend',
    unit: 'KiB',
    better: 'lower',
    doc: 'Most payload memory held by the backend at a time.',
    value: (result) => ofActor(result.memoryBytes, 'backend') / 1024,
  },
  {
    id: 'pinned',
    name: 'Pinned pages',
    unit: 'pages',
    better: 'lower',
    doc: 'Most pages pinned at a time.',
    value: (result) => result.pinnedPagesMax,
  },
];

/** Every metric there is a number for by its id, or undefined. */
export const findMetric = (id: string): Metric | undefined =>
  METRICS.find((each) => each.id === id);

export function metricOf(id: string): Metric {
  const found = METRICS.find((each) => each.id === id) ?? METRICS[0];
  if (found === undefined) throw new Error('no metrics');
  return found;
}

/**
 * Decimals that suit a column of values: three significant figures for the middle one, so that the
 * decimals of the column stay aligned.
 */
export function columnDigits(values: readonly number[]): number {
  const sizes = values
    .map(Math.abs)
    .filter((each) => each > 0)
    .sort((a, b) => a - b);
  const middle = sizes[Math.floor(sizes.length / 2)];
  if (middle === undefined) return 0;
  return Math.max(0, Math.min(3, 2 - Math.floor(Math.log10(middle))));
}

/** A value in a cell: aligned decimals, or a shortened figure where the column spans magnitudes. */
export function cellText(value: number, digits: number): string {
  const text = fixed(value, digits);
  if (value !== 0 && !/[1-9]/.test(text)) return significant(value, 2);
  return Math.abs(value) >= 100_000 ? short(value) : text;
}
