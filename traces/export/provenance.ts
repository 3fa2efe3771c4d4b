/** What an export says of the trace it comes from, and what columns of an event are called. */
import type { TraceStore } from '../read/store.ts';
import type { Range } from './decoded.ts';

/** Keys of `meta` that travel along; the long documents stay in the trace. */
const KEYS = [
  'program',
  'name',
  'status',
  'recorded_at',
  'interrupted',
  'seed',
  'scenario_hash',
  'fingerprint',
  'tick_ps',
  'source_name',
  'source_sha256',
  'base_sec',
  'base_ns',
  'trimmed',
];

/** @param range what of the trace is exported, which the export says */
export function provenanceOf(store: TraceStore, { from, until }: Range): Record<string, string> {
  const meta = KEYS.flatMap((key) => {
    const value = store.meta.get(key);
    return value === undefined ? [] : [[key, value]];
  });
  const origin = store.meta.has('scenario') ? 'simulated' : 'recorded';
  return {
    origin,
    ...(Object.fromEntries(meta) as Record<string, string>),
    ...(from === undefined ? {} : { from_tick: String(from) }),
    ...(until === undefined ? {} : { until_tick: String(until) }),
  };
}

/** The name in a description such as `IOTLB: 0 hit, 1 miss`; one that only lists values has none. */
export function labelOf(description: string | null, otherwise: string): string {
  const name = /^[^:,]*/.exec(description ?? '')?.[0] ?? '';
  return name === '' || /^\d/.test(name) ? otherwise : name;
}
