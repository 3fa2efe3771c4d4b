/** Reads a diff that was saved, or that someone sent: nothing in it is trusted before this. */
import * as v from 'valibot';
import { REACH, type TraceDiff } from './diff.ts';
import { LabError } from './errors.ts';

/** Longest document that is read, in characters. */
const MAX_LENGTH = 16 << 20;

const number = v.pipe(v.number(), v.finite());
const orNull = v.nullable(number);
const text = v.nullable(v.string());
const change = v.object({ a: orNull, b: orNull, change: orNull, relative: orNull });
const changes = v.record(v.string(), change);
const differences = v.array(v.object({ path: v.string(), a: v.unknown(), b: v.unknown() }));
const provenance = v.object({
  file: v.string(),
  kind: v.picklist(['simulated', 'imported', 'interrupted', 'part']),
  status: v.string(),
  program: text,
  name: text,
  fingerprint: text,
  seed: text,
  scenarioHash: text,
  profiles: v.record(v.string(), v.string()),
  sourceName: text,
  sourceSha256: text,
});
const test = v.variant('test', [
  v.object({
    test: v.literal('Mann-Whitney U, two-sided, normal approximation with tie correction'),
    of: v.string(),
    valuesA: number,
    valuesB: number,
    u: number,
    z: number,
    p: number,
    superiority: number,
  }),
  v.object({ test: v.null(), reason: v.string() }),
]);
const figures = { count: change, timeNs: change, selfNs: change, bytes: change };
const turn = v.picklist([
  'appears',
  'vanishes',
  'more',
  'less',
  'same',
  'not checked in a',
  'not checked in b',
]);
const reach = v.object({ ...change.entries, turn });
const event = v.object({ event: number, kind: v.string(), atNs: number });
const parts = v.object({
  latencyNs: number,
  waitingNs: number,
  ownNs: v.record(v.string(), number),
  sharedNs: v.record(v.string(), number),
});
const intervals = v.nullable(v.record(v.string(), v.tuple([number, number])));

const DiffSchema: v.GenericSchema<unknown, TraceDiff> = v.object({
  format: v.literal(1),
  a: provenance,
  b: provenance,
  identical: v.boolean(),
  alignment: v.object({ by: v.picklist(['request', 'kind']), reason: v.string() }),
  notes: v.array(v.string()),
  scenario: v.object({ differs: differences, costModel: differences }),
  totals: v.object({
    events: change,
    requests: change,
    completed: change,
    payloadBytes: change,
    spanNs: change,
    counts: changes,
    selfNs: changes,
  }),
  perRequest: v.nullable(v.object({ events: change, counts: changes, selfNs: changes })),
  steadyState: v.nullable(changes),
  kinds: v.array(
    v.object({
      code: number,
      name: v.string(),
      category: v.string(),
      in: v.picklist(['both', 'a', 'b']),
      ...figures,
      perRequest: v.nullable(v.object(figures)),
      significance: test,
    }),
  ),
  latency: v.nullable(
    v.object({
      completed: change,
      meanNs: change,
      percentilesNs: v.object({
        min: change,
        p50: change,
        p90: change,
        p99: change,
        p999: change,
        max: change,
      }),
      histogram: v.array(v.object({ fromNs: number, toNs: number, a: number, b: number })),
      test,
      paired: v.nullable(
        v.object({ slower: number, faster: number, same: number, medianChangeNs: orNull }),
      ),
    }),
  ),
  components: v.nullable(
    v.object({
      actors: v.record(v.string(), v.object({ ownNs: change, sharedNs: change, totalNs: change })),
      waitingNs: change,
      latencyNs: change,
      intervalsNs: v.optional(v.nullable(v.object({ a: intervals, b: intervals })), null),
    }),
  ),
  hazards: v.array(v.object({ code: v.string(), name: v.string(), occurrences: change, turn })),
  exposure: v.array(
    v.object({
      actor: v.string(),
      reach: v.object(Object.fromEntries(REACH.map((name) => [name, reach])) as ReachEntries),
    }),
  ),
  firstDivergence: v.nullable(
    v.object({
      sameSequence: number,
      otherSequence: number,
      request: number,
      position: number,
      after: text,
      a: v.nullable(event),
      b: v.nullable(event),
    }),
  ),
  mostChanged: v.array(
    v.object({ request: number, bytes: number, latencyNs: change, a: parts, b: parts }),
  ),
  strip: v.optional(
    v.nullable(
      v.object({
        each: number,
        first: v.array(number),
        atNs: v.array(number),
        meanNs: v.array(number),
        leastNs: v.array(number),
        mostNs: v.array(number),
        largest: v.array(number),
      }),
    ),
    null,
  ),
});

type ReachEntries = Record<(typeof REACH)[number], typeof reach>;

/**
 * The diff in a JSON document, as `mapcopy diff --json` and the Diff room write it.
 * @param name what to call the document in errors
 * @throws LabError UNKNOWN_FORMAT
 */
export function parseDiff(document: string, name: string): TraceDiff {
  const refuse = (what: string) =>
    new LabError(
      'UNKNOWN_FORMAT',
      what,
      name,
      'choose a file that "mapcopy diff --json" or the Diff room has written',
    );
  if (document.length > MAX_LENGTH) throw refuse('the file is too large for a diff');
  let value: unknown;
  try {
    value = JSON.parse(document);
  } catch {
    throw refuse('the file is no JSON document');
  }
  const checked = v.safeParse(DiffSchema, value, { abortEarly: true });
  if (checked.success) return checked.output;
  const format = (value as { format?: unknown } | null)?.format;
  if (typeof format === 'number' && format > 1) {
    throw new LabError(
      'NEWER_FORMAT',
      `the diff has format ${format}; this version reads format 1`,
      name,
      'open it with a newer version, or compare the traces again',
    );
  }
  throw refuse(`this is no diff (${v.getDotPath(checked.issues[0]) ?? 'not an object'})`);
}
