/** Chrome Trace Event JSON into events: begins and ends become spans, threads become tracks. */
import { LabError } from '../../../core/contract/errors.ts';
import { K } from '../../../core/contract/kinds.ts';
import type { Importer } from '../importer.ts';
import type { Payload } from '../payload/index.ts';
import type { Place, RecordedSink } from '../recorded.ts';
import { Lanes } from './lanes.ts';
import { durationFrom, nanoseconds, parseExactly } from './numbers.ts';
import { columnsOf, GENERIC, isOwnExport, kindNamed, ownFields } from './own.ts';
import { JsonRecords } from './records.ts';

const NS_PER_SEC = 1_000_000_000n;
/** Spans that may be open at the same time, in all threads together. */
const MAX_OPEN = 1_000_000;
/** Most fields kept of one event; its text has them all. */
const MAX_FIELDS = 256;
/** Keys that are no fields: they are said otherwise. */
const OWN_KEYS = new Set(['ts', 'dur', 'args', '__proto__']);
/** Members that hold events in other forms. */
const UNREAD_MEMBERS = new Set([
  'systemTraceEvents',
  'samples',
  'stackFrames',
  'powerTraceAsString',
]);

const INSTANTS = new Set('iIRCnTpstfPNODvVc()'.split(''));

interface OpenSpan {
  /** Null when the begin could not be kept. */
  readonly event: number | null;
  readonly start: bigint;
  readonly name: string;
  /** What began before it under the same key, and is still open. */
  readonly outer: OpenSpan | undefined;
}

export class ChromeImporter implements Importer {
  readonly format = 'chrome';
  readonly #sink: RecordedSink;
  readonly #records: JsonRecords;
  readonly #decoder = new TextDecoder('utf-8');
  readonly #lanes: Lanes;
  /** The innermost of each key. */
  readonly #open = new Map<string, OpenSpan>();
  #openCount = 0;
  #latest = 0n;
  #warnedUntimed = false;
  #begun = false;
  /** Elements of the list of events, and other members of the document. */
  lines = 0;
  /** Names of threads and processes, and members that hold no events. */
  skipped = 0;

  constructor(sink: RecordedSink) {
    this.#sink = sink;
    this.#lanes = new Lanes(sink);
    this.#records = new JsonRecords({
      record: (text) => this.#record(text),
      member: (name) => this.#member(name),
      damage: (reason, text) => {
        if (text !== '') this.lines += 1;
        sink.warn(text === '' ? 0 : this.lines, reason, text);
      },
    });
  }

  feed(chunk: Buffer): void {
    const text = this.#decoder.decode(chunk, { stream: true });
    if (!this.#begun) this.#lanes.own = isOwnExport(text);
    this.#begun = true;
    this.#records.feed(text);
  }

  end(): Iterable<void> {
    this.#records.feed(this.#decoder.decode());
    this.#records.end();
    for (const innermost of this.#open.values()) {
      for (const span of fromOutermost(innermost)) this.#unfinished(span);
    }
    this.#lanes.end();
    return [];
  }

  nothingFound(path: string): LabError {
    return new LabError('NO_EVENTS', 'there is no event in it', path, 'record something first');
  }

  #member(name: string): void {
    this.lines += 1;
    if (UNREAD_MEMBERS.has(name)) {
      this.#sink.warn(this.lines, `its member "${name}" is not read`, '');
    } else {
      this.skipped += 1;
    }
  }

  #record(text: string): void {
    this.lines += 1;
    const record = parseExactly(text);
    if (record === null) {
      this.#sink.warn(this.lines, 'this is not JSON', text);
      return;
    }
    const phase = record['ph'];
    if (typeof phase !== 'string' || phase === '') {
      this.#sink.warn(this.lines, 'it has no phase: not an event', text);
    } else if (phase === 'M') {
      this.skipped += 1;
      this.#lanes.metadata(record);
    } else if (this.#lanes.own && 'Cstf'.includes(phase)) {
      this.#ofOurs(phase, record);
    } else if (phase === 'E') {
      this.#close(this.#lanes.threadKey(record), record, text);
    } else if (phase === 'e' || phase === 'F') {
      this.#close(asyncKey(record), record, text);
    } else {
      this.#start(phase, record, text);
    }
  }

  /** Samples of our counters, and flows, which say again what requests the events belong to. */
  #ofOurs(phase: string, record: Record<string, unknown>): void {
    this.skipped += 1;
    const time = nanoseconds(record['ts']);
    const { args } = record;
    if (phase !== 'C' || time === null || typeof args !== 'object' || args === null) return;
    for (const [unit, value] of Object.entries(args)) {
      if (typeof value !== 'number' || !Number.isSafeInteger(value)) continue;
      this.#sink.sample?.({ counter: nameOf(record), unit, time: clock(time), value });
    }
  }

  #start(phase: string, record: Record<string, unknown>, text: string): void {
    const async = phase === 'b' || phase === 'S';
    const span = async || phase === 'B';
    if (!span && phase !== 'X' && !INSTANTS.has(phase)) {
      this.#sink.warn(this.lines, `nobody knows a phase "${phase.slice(0, 20)}"`, text);
    }
    const onAsync = async || phase === 'n' || phase === 'T' || phase === 'p';
    const place = onAsync ? this.#lanes.asyncPlace(record) : this.#lanes.threadPlace(record);
    const start = this.#timeOf(record, text);
    const dur = phase === 'X' ? this.#durationOf(record, text) : span ? null : 0;
    const event = this.#emit(place, start, dur, record, text);
    const end = (start ?? 0n) + BigInt(dur ?? 0);
    if (event !== null && end > this.#latest) this.#latest = end;
    if (!span) return;
    if (this.#openCount === MAX_OPEN) {
      this.#sink.warn(this.lines, `more than ${MAX_OPEN} events are open`, text);
      return;
    }
    const key = async ? asyncKey(record) : this.#lanes.threadKey(record);
    const outer = this.#open.get(key);
    this.#open.set(key, { event, start: start ?? this.#latest, name: nameOf(record), outer });
    this.#openCount += 1;
  }

  #emit(
    place: Place,
    start: bigint | null,
    dur: number | null,
    record: Record<string, unknown>,
    text: string,
  ): number | null {
    const args = argsOf(record);
    const raw = (record['args'] ?? {}) as Readonly<Record<string, unknown>>;
    const { own } = this.#lanes;
    const request = raw['request'];
    const fields = own
      ? ownFields(argsOf(record, 'name'), asText(record['cat'] ?? ''), nameOf(record))
      : fieldsOf(record);
    const timeless = start === null ? { time: 'not recorded' } : {};
    return this.#sink.event({
      place,
      time: start === null ? null : clock(start),
      payload: payloadOf(record, args, own),
      ...(own && Number.isSafeInteger(request) ? { request: request as number } : {}),
      dur,
      details: { name: nameOf(record), ...fields, ...timeless },
      line: this.lines,
      text,
    });
  }

  #timeOf(record: Record<string, unknown>, text: string): bigint | null {
    const time = nanoseconds(record['ts']);
    if (time === null && !this.#warnedUntimed) {
      this.#warnedUntimed = true;
      const reason = 'this and maybe other events carry no time: they keep their order';
      this.#sink.warn(this.lines, reason, text);
    }
    return time;
  }

  #durationOf(record: Record<string, unknown>, text: string): number {
    const dur = durationFrom(record['ts'], record['dur']);
    if (dur !== null) return Number(dur);
    this.#sink.warn(this.lines, 'a complete event without a duration', text);
    return 0;
  }

  #close(key: string, record: Record<string, unknown>, text: string): void {
    const span = this.#open.get(key);
    if (span === undefined) {
      this.#sink.warn(this.lines, 'the end of an event that has not begun', text);
      return;
    }
    if (span.outer === undefined) this.#open.delete(key);
    else this.#open.set(key, span.outer);
    this.#openCount -= 1;
    const name = record['name'];
    if (typeof name === 'string' && name !== '' && name !== span.name) {
      this.#sink.warn(this.lines, `it ends what began as "${span.name.slice(0, 100)}"`, text);
    }
    const end = nanoseconds(record['ts']);
    if (end === null || end < span.start) {
      this.#sink.warn(this.lines, 'an end without a time, or before its beginning', text);
    } else if (span.event !== null && end > this.#latest) {
      this.#latest = end;
    }
    if (span.event === null) return;
    const dur = end === null || end < span.start ? 0 : Number(end - span.start);
    const details = { ...argsOf(record), end: `record ${this.lines}` };
    this.#sink.complete(span.event, { dur, details, text });
  }

  /** A span that never ends lasts to the end of the trace, and says so. */
  #unfinished({ event, start, name }: OpenSpan): void {
    this.#sink.warn(0, `"${name.slice(0, 100)}" begins and does not end`, '');
    if (event === null) return;
    const dur = this.#latest > start ? Number(this.#latest - start) : 0;
    this.#sink.complete(event, { dur, details: { end: 'not recorded' }, text: '' });
  }
}

function fromOutermost(innermost: OpenSpan): OpenSpan[] {
  const spans: OpenSpan[] = [];
  for (let span: OpenSpan | undefined = innermost; span !== undefined; span = span.outer) {
    spans.push(span);
  }
  return spans.reverse();
}

function clock(ns: bigint): { sec: bigint; ns: number } {
  let sec = ns / NS_PER_SEC;
  if (sec * NS_PER_SEC > ns) sec -= 1n;
  return { sec, ns: Number(ns - sec * NS_PER_SEC) };
}

function nameOf(record: Record<string, unknown>): string {
  return asText(record['name'] ?? '');
}

/** Async events of one category and id, or of one id in one process, belong together. */
function asyncKey(record: Record<string, unknown>): string {
  const local = (record['id2'] as { local?: unknown } | null | undefined)?.local;
  const global = (record['id2'] as { global?: unknown } | null | undefined)?.global;
  return JSON.stringify([
    'async',
    asText(record['cat'] ?? ''),
    asText(record['scope'] ?? ''),
    local === undefined ? '' : asText(record['pid'] ?? ''),
    asText(local ?? global ?? record['id'] ?? ''),
  ]);
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

/** @param nameKey what the argument `name` is called among details */
function argsOf(record: Record<string, unknown>, nameKey = 'field.name'): Record<string, string> {
  const { args } = record;
  if (args === undefined || args === null) return {};
  if (typeof args !== 'object' || Array.isArray(args)) return { args: asText(args) };
  const entries = Object.entries(args).filter(([key]) => key !== '__proto__');
  return Object.fromEntries(
    entries
      .slice(0, MAX_FIELDS)
      .map(([key, value]) => [key === 'name' ? nameKey : key, asText(value)]),
  );
}

/** Arguments, and the event's own keys, which win. */
function fieldsOf(record: Record<string, unknown>): Record<string, string> {
  const own = Object.entries(record)
    .filter(([key]) => !OWN_KEYS.has(key) && key !== 'name')
    .slice(0, MAX_FIELDS)
    .map(([key, value]) => [key, asText(value)] as const);
  const taken = new Set(own.map(([key]) => key));
  const args = Object.entries(argsOf(record)).map(
    ([key, value]) => [taken.has(key) ? `field.${key}` : key, value] as const,
  );
  return Object.fromEntries([...own, ...args]);
}

/** An event of this vocabulary, with its columns as arguments; any other is generic. */
function payloadOf(
  record: Record<string, unknown>,
  args: Readonly<Record<string, string>>,
  own: boolean,
): Payload {
  const kind = kindNamed(asText(record['cat'] ?? ''), nameOf(record));
  if (kind !== null && kind.code !== K.generic) return columnsOf(kind, args);
  return own ? columnsOf(GENERIC, args) : { kind: K.generic };
}
