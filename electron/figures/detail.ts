/** What a trace tells of its run beyond the result, in as much as a chart can show. */
import {
  alignScenarios,
  changeStrip,
  pairUp,
  payerMeans,
  type RequestColumns,
} from '../../core/diff/index.ts';
import type { Scenario } from '../../core/contract/index.ts';
import { kindOf } from '../../core/contract/kinds.ts';
import type { Detail, RunDetail } from '../../core/figures/chart/rows.ts';
import type { TraceReader } from '../../traces/index.ts';

/** Points of a counter: more than any chart has pixels to show. */
const COUNTER_POINTS = 800;
/** Requests that are told one by one; of more, so many shares. */
const REQUESTS_EXACT = 1000;

/** A run whose requests others are held against. */
export interface FirstRun {
  readonly requests: RequestColumns;
  readonly scenario: Scenario | null;
}

/** @param first the first run of the source, which changes are against; null for that one itself */
export function readDetail(
  reader: TraceReader,
  needs: readonly Detail[],
  first: FirstRun | null,
): RunDetail | null {
  if (needs.length === 0) return null;
  return {
    latency: needs.includes('latency') ? latencyOf(reader) : null,
    components: needs.includes('components') ? componentsOf(reader) : null,
    counters: needs.includes('counters') ? countersOf(reader) : [],
    payers: needs.includes('payers') ? payerMeans(reader.subject('').digest) : null,
    changes: needs.includes('changes') && first !== null ? changesOf(reader, first) : null,
  };
}

function latencyOf(reader: TraceReader): RunDetail['latency'] {
  const sorted = reader.latencies().sort();
  const requests = sorted.length;
  if (requests === 0) return null;
  const shares = requests <= REQUESTS_EXACT ? evenly(0, 1, requests) : SHARES;
  return {
    requests,
    share: shares,
    ns: shares.map((share) => (sorted[Math.ceil(share * requests - 1e-9) - 1] as number) / 1000),
  };
}

/** `steps` shares above `from`, up to and with `to`. */
const evenly = (from: number, to: number, steps: number): number[] =>
  Array.from({ length: steps }, (_, i) => from + ((to - from) * (i + 1)) / steps);
/** Finer towards the tail, which is what people look for. */
const SHARES = [...evenly(0, 0.98, 490), ...evenly(0.98, 0.998, 180), ...evenly(0.998, 1, 200)];

/** Time on CPUs without nested time, by category, for each request; devices do not take CPU time. */
function componentsOf(reader: TraceReader): RunDetail['components'] {
  const { digest } = reader.subject('');
  const done = digest.requests.completed.filter((time) => !Number.isNaN(time)).length;
  if (done === 0) return null;
  const components: Record<string, number> = {};
  for (const { code, selfPs } of digest.kinds.values()) {
    const category = kindOf(code)?.category ?? 'other';
    if (category === 'dma' || category === 'hazard') continue;
    components[category] = (components[category] ?? 0) + selfPs / 1000 / done;
  }
  return components;
}

/** Null where the two do not have the same requests. */
function changesOf(reader: TraceReader, { requests, scenario }: FirstRun): RunDetail['changes'] {
  if (alignScenarios(scenario, reader.info('').scenario).by !== 'request') return null;
  const pairs = pairUp({ requests }, { requests: reader.requests() });
  return pairs.changePs.length === 0 ? null : changeStrip(requests, pairs);
}

function countersOf(reader: TraceReader): RunDetail['counters'] {
  const { firstTick, lastTick, tickPs, counters } = reader.info('');
  const toNs = (tick: number) => ((tick - firstTick) * tickPs) / 1000;
  const window = reader.counters({ from: firstTick, to: lastTick, buckets: COUNTER_POINTS });
  return window.flatMap(({ counter, ts, min, max, last }) => {
    const about = counters.find(({ id }) => id === counter);
    if (about === undefined || ts.length === 0) return [];
    return [{ name: about.name, unit: about.unit, ns: ts.map(toNs), min, max, last }];
  });
}
