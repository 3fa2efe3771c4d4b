/** Two traces compared: arrays in, one value out that can be saved. */
import type {
  ExposureDiff,
  HazardDiff,
  KindDiff,
  ScenarioDiff,
  TraceDiff,
} from '../contract/diff.ts';
import { COUNT_KEYS } from '../contract/kinds.ts';
import { change, changes, unchanged } from './change.ts';
import { compareComponents } from './components.ts';
import { compareKinds, completedOf, kindUnchanged, namesOf } from './kinds.ts';
import { compareLatency } from './latency.ts';
import { firstDivergence, mostChanged, pairUp, partingOf } from './pairs.ts';
import { compareExposure, compareHazards } from './safety.ts';
import { align, compareScenarios } from './scenarios.ts';
import { changeStrip } from './strip.ts';
import type { SequenceEvent, Subject } from './subject.ts';

/** How to read a request's events, in order, from either trace. */
export type Sequences = (request: number) => readonly [SequenceEvent[], SequenceEvent[]];

/** @param most how many requests to name that changed most */
export function diff(a: Subject, b: Subject, sequences: Sequences, most: number): TraceDiff {
  const scenario = compareScenarios(a, b);
  const alignment = align(a, b, scenario);
  const pairs = alignment.by === 'request' ? pairUp(a.digest, b.digest) : null;
  const kinds = compareKinds(a, b);
  const hazards = compareHazards(a, b);
  const exposure = compareExposure(a, b);
  const [doneA, doneB] = [completedOf(a), completedOf(b)];
  const haveRequests = doneA > 0 && doneB > 0;
  const parting = pairs === null ? null : partingOf(a.digest, b.digest, pairs);
  return {
    format: 1,
    a: a.provenance,
    b: b.provenance,
    identical: identical(a, b, scenario, kinds, hazards, exposure),
    alignment,
    notes: notesOf(a, b, pairs?.otherBytes ?? 0),
    scenario,
    totals: {
      events: change(a.digest.events, b.digest.events),
      requests: change(a.digest.requests.id.length, b.digest.requests.id.length),
      completed: change(doneA, doneB),
      payloadBytes: change(payload(a), payload(b)),
      spanNs: change(a.spanPs / 1000, b.spanPs / 1000),
      counts: changes(countsOf(a, 1), countsOf(b, 1)),
      selfNs: changes(selfOf(a, 1), selfOf(b, 1), 0),
    },
    perRequest: haveRequests
      ? {
          events: change(a.digest.events / doneA, b.digest.events / doneB),
          counts: changes(countsOf(a, doneA), countsOf(b, doneB)),
          selfNs: changes(selfOf(a, doneA), selfOf(b, doneB), 0),
        }
      : null,
    steadyState: a.result === null || b.result === null ? null : changes(steady(a), steady(b)),
    kinds,
    latency: haveRequests ? compareLatency(a.digest.requests, b.digest.requests, pairs) : null,
    components: compareComponents(a, b),
    hazards,
    exposure,
    firstDivergence:
      parting?.request == null
        ? null
        : firstDivergence(parting, parting.request, sequences(parting.request), [
            ...namesOf(a, b).values(),
          ]),
    mostChanged: pairs === null ? [] : mostChanged(a.digest, b.digest, pairs, most),
    strip: pairs === null ? null : changeStrip(a.digest.requests, pairs),
  };
}

function identical(
  a: Subject,
  b: Subject,
  { differs, costModel }: ScenarioDiff,
  kinds: readonly KindDiff[],
  hazards: readonly HazardDiff[],
  exposure: readonly ExposureDiff[],
): boolean {
  const [left, right] = [a.digest, b.digest];
  const columns = (subject: Subject) => Object.values(subject.digest.requests) as Float64Array[];
  return (
    differs.length === 0 &&
    costModel.length === 0 &&
    a.provenance.status === b.provenance.status &&
    left.events === right.events &&
    left.hash.every((half, i) => half === right.hash[i]) &&
    columns(a).every((column, i) => sameNumbers(column, columns(b)[i] as Float64Array)) &&
    kinds.every(kindUnchanged) &&
    hazards.every(({ occurrences }) => unchanged(occurrences)) &&
    exposure.every(({ reach }) => Object.values(reach).every(unchanged))
  );
}

function sameNumbers(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && a.every((each, i) => Object.is(each, b[i]));
}

function notesOf(a: Subject, b: Subject, otherBytes: number): string[] {
  const notes: string[] = [];
  for (const [side, { kind }] of [
    ['A', a.provenance],
    ['B', b.provenance],
  ] as const) {
    if (kind === 'interrupted') {
      notes.push(
        `${side} was interrupted: its totals are of what was recorded, and hazards still open then are missing.`,
      );
    } else if (kind === 'part') {
      notes.push(`${side} is a part of a trace: its totals are of what was kept.`);
    }
  }
  const [x, y] = [a.provenance.kind, b.provenance.kind];
  if ((x === 'imported') !== (y === 'imported')) {
    notes.push(
      'One is recorded on a real system, the other simulated: their kinds of events differ.',
    );
  }
  if (a.provenance.program !== b.provenance.program) {
    notes.push('They were written by different versions: part of the change may be the program’s.');
  }
  if (otherBytes > 0) {
    notes.push(
      `${otherBytes} requests of the same number have different bytes: they are not the same requests.`,
    );
  }
  if (a.digest.requests.id.length > 0 && b.digest.requests.id.length > 0) {
    notes.push(
      'Requests of one run queue behind each other and are not independent: p is too small, so read superiority first.',
    );
  }
  return notes;
}

function payload({ digest }: Subject): number {
  return digest.requests.bytes.reduce((sum, each) => sum + each, 0);
}

function countsOf({ kinds, digest }: Subject, per: number): Record<string, number> {
  return Object.fromEntries(
    COUNT_KEYS.map((key) => [
      key,
      kinds.reduce(
        (sum, { code, counts }) =>
          sum + (counts.includes(key) ? (digest.kinds.get(code)?.count ?? 0) : 0),
        0,
      ) / per,
    ]),
  );
}

function selfOf({ digest }: Subject, per: number): Record<string, number> {
  return Object.fromEntries(
    Object.entries(digest.selfPs).map(([role, ps]) => [role, ps / 1000 / per]),
  );
}

/** Figures of a result; those by actor as `name.actor`. */
function steady({ result }: Subject): Record<string, number | null> {
  if (result === null) return {};
  const { throughputGbps, requestsPerSecond, copiedBytes, pinnedPagesMax, windowsNs } = result;
  return {
    throughputGbps,
    requestsPerSecond,
    copiedBytes,
    pinnedPagesMax,
    'windowsNs.p50': windowsNs.p50,
    'windowsNs.p99': windowsNs.p99,
    'windowsNs.max': windowsNs.max,
    ...prefixed('cpuNsPerRequest', result.cpuNsPerRequest),
    ...prefixed('memoryBytes', result.memoryBytes),
    ...prefixed('hitRate', result.hitRate),
  };
}

function prefixed<T>(name: string, values: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(values).map(([key, each]) => [`${name}.${key}`, each]));
}
