/**
 * A Perfetto trace read back by a decoder that is not ours, with the messages as Perfetto publishes
 * them (protos/perfetto/trace in google/perfetto), and compared with the trace event by event.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { importTrace } from '../import/import.ts';
import { queryTrace } from '../query/query.ts';
import { tempFolder } from '../testing/temp.ts';
import { exportTrace } from './export.ts';
import type { TimeRange } from '../read/time-range.ts';

const PROTO = `
syntax = "proto2";
message Trace { repeated TracePacket packet = 1; }
message TracePacket {
  optional uint64 timestamp = 8;
  optional uint32 timestamp_clock_id = 58;
  optional ClockSnapshot clock_snapshot = 6;
  optional TrackEvent track_event = 11;
  optional TrackDescriptor track_descriptor = 60;
  optional uint32 trusted_packet_sequence_id = 10;
  optional InternedData interned_data = 12;
  optional uint32 sequence_flags = 13;
  optional TracePacketDefaults trace_packet_defaults = 59;
  optional bool first_packet_on_sequence = 87;
}
message TracePacketDefaults { optional uint32 timestamp_clock_id = 58; }
message ClockSnapshot {
  message Clock { optional uint32 clock_id = 1; optional uint64 timestamp = 2; }
  repeated Clock clocks = 1;
  optional uint32 primary_trace_clock = 2;
}
message TrackDescriptor {
  optional uint64 uuid = 1;
  optional string name = 2;
  optional ProcessDescriptor process = 3;
  optional uint64 parent_uuid = 5;
  optional CounterDescriptor counter = 8;
  optional uint32 child_ordering = 11;
  optional int32 sibling_order_rank = 12;
  optional uint32 sibling_merge_behavior = 15;
}
message ProcessDescriptor { optional int32 pid = 1; optional string process_name = 6; }
message CounterDescriptor { optional string unit_name = 6; }
message TrackEvent {
  enum Type { UNSPECIFIED = 0; BEGIN = 1; END = 2; INSTANT = 3; COUNTER = 4; }
  repeated uint64 category_iids = 3;
  repeated string categories = 22;
  optional uint64 name_iid = 10;
  optional string name = 23;
  optional Type type = 9;
  optional uint64 track_uuid = 11;
  optional int64 counter_value = 30;
  repeated fixed64 flow_ids = 47;
  repeated DebugAnnotation debug_annotations = 4;
}
message DebugAnnotation {
  optional uint64 name_iid = 1;
  optional string name = 10;
  optional uint64 uint_value = 3;
  optional int64 int_value = 4;
  optional string string_value = 6;
  optional uint64 pointer_value = 7;
}
message InternedData {
  repeated Interned event_categories = 1;
  repeated Interned event_names = 2;
  repeated Interned debug_annotation_names = 3;
}
message Interned { optional uint64 iid = 1; optional string name = 2; }
`;

interface Interned {
  readonly iid: string;
  readonly name: string;
}
interface TrackEvent {
  readonly type: 'BEGIN' | 'END' | 'INSTANT' | 'COUNTER';
  readonly trackUuid: string;
  readonly nameIid?: string;
  readonly name?: string;
  readonly categoryIids?: readonly string[];
  readonly categories?: readonly string[];
  readonly flowIds?: readonly string[];
  readonly counterValue?: string;
  readonly debugAnnotations?: readonly {
    readonly nameIid?: string;
    readonly name?: string;
    readonly intValue?: string;
    readonly uintValue?: string;
    readonly stringValue?: string;
    readonly pointerValue?: string;
  }[];
}
interface Packet {
  readonly timestamp?: string;
  readonly trustedPacketSequenceId: number;
  readonly sequenceFlags: number;
  readonly clockSnapshot?: {
    readonly primaryTraceClock: number;
    readonly clocks: readonly { readonly clockId: number; readonly timestamp: string }[];
  };
  readonly tracePacketDefaults?: { readonly timestampClockId: number };
  readonly trackEvent?: TrackEvent;
  readonly trackDescriptor?: {
    readonly uuid: string;
    readonly name: string;
    readonly parentUuid?: string;
    readonly process?: { readonly pid: number; readonly processName: string };
    readonly counter?: { readonly unitName: string };
  };
  readonly internedData?: {
    readonly eventCategories?: readonly Interned[];
    readonly eventNames?: readonly Interned[];
    readonly debugAnnotationNames?: readonly Interned[];
  };
}

/** A span or an instant with everything by name. */
interface Decoded {
  readonly ns: bigint;
  end: bigint;
  readonly type: string;
  readonly name: string;
  readonly category: string;
  readonly process: string;
  readonly track: string;
  readonly lane: string;
  readonly depth: number;
  readonly flows: readonly string[];
  readonly args: Readonly<Record<string, bigint | string>>;
}

const Trace = protobuf.parse(PROTO).root.lookupType('Trace');

async function exported(input: string, range: TimeRange = {}): Promise<Buffer> {
  const output = join(tempFolder(), 'out.pftrace');
  await exportTrace({ input, output, to: 'perfetto', range, force: false });
  return readFileSync(output);
}

async function decode(input: string, range: TimeRange = {}) {
  const { packet } = Trace.toObject(Trace.decode(await exported(input, range)), {
    longs: String,
    enums: String,
  }) as { packet: Packet[] };
  const names = { categories: new Map(), events: new Map(), args: new Map() } as Record<
    'categories' | 'events' | 'args',
    Map<string, string>
  >;
  const tracks = new Map<string, NonNullable<Packet['trackDescriptor']>>();
  const open = new Map<string, Decoded[]>();
  const events: Decoded[] = [];
  const counters: (readonly [string, string, bigint, bigint])[] = [];
  let cleared = false;
  for (const { trackEvent, trackDescriptor, internedData, timestamp, ...rest } of packet) {
    expect(rest.trustedPacketSequenceId).toBe(1);
    if ((rest.sequenceFlags & 1) !== 0) cleared = true;
    if ((rest.sequenceFlags & 2) !== 0) expect(cleared).toBe(true);
    for (const { iid, name } of internedData?.eventCategories ?? [])
      names.categories.set(iid, name);
    for (const { iid, name } of internedData?.eventNames ?? []) names.events.set(iid, name);
    for (const { iid, name } of internedData?.debugAnnotationNames ?? []) names.args.set(iid, name);
    if (trackDescriptor !== undefined) {
      expect(tracks.has(trackDescriptor.uuid)).toBe(false);
      if (trackDescriptor.parentUuid !== undefined)
        expect(tracks.has(trackDescriptor.parentUuid)).toBe(true);
      tracks.set(trackDescriptor.uuid, trackDescriptor);
    }
    if (trackEvent === undefined) continue;
    const ns = BigInt(timestamp ?? '');
    const { type, trackUuid: lane } = trackEvent;
    const track = tracks.get(lane);
    if (track === undefined) throw new Error(`no track ${lane}`);
    let stack = open.get(lane);
    if (stack === undefined) open.set(lane, (stack = []));
    if (type === 'COUNTER') {
      const { unitName = '' } = track.counter ?? {};
      counters.push([track.name, unitName, ns, BigInt(trackEvent.counterValue ?? '')]);
    } else if (type === 'END') {
      const slice = stack.pop();
      if (slice === undefined) throw new Error('an end without a beginning');
      slice.end = ns;
    } else {
      const event = {
        ns,
        end: ns,
        type,
        name: trackEvent.name ?? names.events.get(trackEvent.nameIid ?? '') ?? '?',
        category:
          names.categories.get(trackEvent.categoryIids?.[0] ?? '') ??
          trackEvent.categories?.[0] ??
          '?',
        process: tracks.get(track.parentUuid ?? '')?.process?.processName ?? '',
        track: track.name,
        lane,
        depth: stack.length,
        flows: trackEvent.flowIds ?? [],
        args: Object.fromEntries(
          (trackEvent.debugAnnotations ?? []).map((each) => [
            each.name ?? names.args.get(each.nameIid ?? '') ?? '?',
            each.stringValue ?? BigInt(each.intValue ?? each.uintValue ?? each.pointerValue ?? ''),
          ]),
        ),
      };
      if (type === 'BEGIN') stack.push(event);
      events.push(event);
    }
  }
  for (const stack of open.values()) expect(stack).toEqual([]);
  const [first] = packet;
  const [provenance, ...rest] = events;
  return { first, provenance, events: rest, counters, tracks };
}

const SAMPLES = join(import.meta.dirname, '../samples');
const rowsOf = (file: string, sql: string) => queryTrace({ file, sql, limit: 100_000 }).rows;

describe.each(['copy-64k', 'map-64k', 'map-lazy-host', 'viommu-a53'])('%s', (name) => {
  const file = join(SAMPLES, `${name}.mctrace`);
  let decoded: ReturnType<typeof decode> | undefined;
  const whole = () => (decoded ??= decode(file));

  it('holds every event, on its track, with its times and values', async () => {
    const { events } = await whole();
    const int = (value: bigint | string | undefined) =>
      value === undefined ? null : Number(value);
    const found = events.map(({ type, ns, end, name, category, process, track, args }) => [
      int(args['event']),
      type,
      int(args['ts_ps']),
      int(args['dur_ps'] ?? 0n),
      Number(ns),
      Number(end),
      name,
      category,
      process,
      track,
      int(args['request']),
      int(args['bytes']),
      int(args['n']),
      int(args['status']),
    ]);
    const wanted = rowsOf(
      file,
      `SELECT e.id, iif(e.dur > 0, 'BEGIN', 'INSTANT'), e.ts, e.dur, e.ts / 1000, (e.ts + e.dur) / 1000,
         k.name, k.category, a.name, t.name || iif(t.detail = '', '', ' (' || t.detail || ')'),
         e.request, e.bytes, e.n, e.status
       FROM events AS e JOIN kinds AS k ON k.code = e.kind JOIN tracks AS t ON t.id = e.track
       JOIN actors AS a ON a.id = t.actor ORDER BY e.id`,
    );
    expect(found).toEqual(wanted);
  });

  it('nests as the trace does', async () => {
    const { events } = await whole();
    const levels = rowsOf(file, 'SELECT level FROM events WHERE dur > 0 ORDER BY id').flat();
    expect(events.filter(({ type }) => type === 'BEGIN').map(({ depth }) => depth)).toEqual(levels);
  });

  it('has its counters with their units', async () => {
    const { counters } = await whole();
    const wanted = rowsOf(
      file,
      `SELECT c.name, c.unit, s.ts / 1000, s.value FROM samples AS s
       JOIN counters AS c ON c.id = s.counter ORDER BY s.counter, s.ts`,
    );
    expect(counters.map((row) => [row[0], row[1], Number(row[2]), Number(row[3])])).toEqual(wanted);
  });

  it('has a point of a request’s flow where it comes to another track, and nowhere else', async () => {
    const { events } = await whole();
    const at = new Map<string, string>();
    for (const { type, lane, flows, args } of events) {
      if (type !== 'BEGIN') continue;
      const request = args['request'];
      const moves = request !== undefined && at.get(String(request)) !== lane;
      expect(flows).toEqual(moves ? [String(request)] : []);
      if (moves) at.set(String(request), lane);
    }
    expect(at.size).toBeGreaterThan(10);
  });

  it('says where it comes from, and which clock is ours', async () => {
    const { first, provenance } = await whole();
    const [[hash] = []] = rowsOf(file, `SELECT value FROM meta WHERE key = 'scenario_hash'`);
    expect(provenance?.args).toMatchObject({ origin: 'simulated', scenario_hash: hash });
    expect(first?.tracePacketDefaults).toEqual({ timestampClockId: 64 });
    expect(first?.clockSnapshot).toEqual({
      primaryTraceClock: 3,
      clocks: [
        { clockId: 64, timestamp: '0' },
        { clockId: 3, timestamp: '0' },
      ],
    });
  });
});

describe('a recording', () => {
  const TEXT = `# tracer: nop
   kworker-7     [001] d..1.   96822671.000001: map: IOMMU: iova=0xffffffffffff0000 - 0xffffffffffff1000 paddr=0x123456000 size=4096
   kworker-7     [001] d..1.   96822671.000003: something_new: a=1 b="x, y"
`;
  it('keeps addresses to the last bit, its own names, and its clock', async () => {
    const folder = tempFolder();
    const input = join(folder, 'a.txt');
    const output = join(folder, 'a.mctrace');
    writeFileSync(input, TEXT);
    await importTrace({ input, output, name: 'a', recordedAt: '2026-01-02T03:04:05.000Z' });
    const { first, events } = await decode(output);
    expect(first?.clockSnapshot?.clocks[1]).toEqual({ clockId: 3, timestamp: '96822671000001000' });
    expect(events.map(({ name, ns }) => [name, ns])).toEqual([
      ['iommu.map', 0n],
      ['something_new', 2000n],
    ]);
    expect(events[0]?.args).toMatchObject({
      'byte address': 0x123456000n,
      'iova (byte address)': 0xffffffffffff0000n,
      bytes: 4096n,
    });
    expect(events[0]?.args).not.toHaveProperty('ts_ps');
    expect(events[1]?.args).toMatchObject({ a: '1' });
  });
});

describe.each([
  ['before zero', '[{"ph":"i","ts":-5,"name":"a"},{"ph":"i","ts":1,"name":"b"}]', 6000n],
  [
    'beyond 64 bits',
    '# tracer: nop\n a-1 [000] 99999999999999.000001: a: b\n a-1 [000] 99999999999999.000003: b: c\n',
    2000n,
  ],
])('a recording whose clock was %s', (_, text, last) => {
  it('begins at zero', async () => {
    const folder = tempFolder();
    const input = join(folder, 'a');
    const output = join(folder, 'a.mctrace');
    writeFileSync(input, text);
    await importTrace({ input, output, name: 'a', recordedAt: '' });
    const { first, events } = await decode(output);
    expect(first?.clockSnapshot?.clocks[1]).toEqual({ clockId: 3, timestamp: '0' });
    expect(events.map(({ ns }) => ns)).toEqual([0n, last]);
  });
});

describe('a recording of very many names', () => {
  it('keeps them all, with numbers for the first ten thousand', async () => {
    const folder = tempFolder();
    const input = join(folder, 'a.txt');
    const output = join(folder, 'a.mctrace');
    const names = Array.from({ length: 10_050 }, (_, at) => `made_up_${at}`);
    const long = 'x'.repeat(300);
    const lines = [long, ...names, 'made_up_7'].map(
      (name, at) =>
        `   kworker-7     [001] d..1.   100.${String(at).padStart(6, '0')}: ${name}: a=1`,
    );
    writeFileSync(input, `# tracer: nop\n${lines.join('\n')}\n`);
    await importTrace({ input, output, name: 'a', recordedAt: '2026-01-02T03:04:05.000Z' });
    const { events } = await decode(output);
    expect(events.map(({ name }) => name)).toEqual([long, ...names, 'made_up_7']);
  });
});

describe('a part of the time', () => {
  it('holds what touches it', async () => {
    const file = join(SAMPLES, 'copy-64k.mctrace');
    const [[from, until] = []] = rowsOf(
      file,
      'SELECT (SELECT ts FROM events WHERE id = 1000) + 1, (SELECT ts FROM events WHERE id = 1500)',
    );
    const range = { fromPs: BigInt(Number(from)), toPs: BigInt(Number(until)) };
    const { events } = await decode(file, range);
    const ids = rowsOf(
      file,
      `SELECT id FROM events WHERE ts < ${until} AND (ts >= ${from} OR ts + dur > ${from})`,
    );
    expect(ids.length).toBeGreaterThan(400);
    expect(events.map(({ args }) => Number(args['event']))).toEqual(ids.flat());
  });
});
