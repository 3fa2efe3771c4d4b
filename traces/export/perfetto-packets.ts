/**
 * The messages of Perfetto that an export needs, as bytes. Field numbers and values of enums are those
 * of `protos/perfetto/trace` in google/perfetto, where a name in a comment is the message's own.
 */
import { PbfWriter } from 'pbf';

/** Bytes that wait before they are written. */
const BUFFER_BYTES = 1024 * 1024;

/** The only sequence of packets: interned names and the clock hold for it. */
const SEQUENCE = 1;
/** A clock that only our sequence knows (64 to 127 are free for that), in nanoseconds from tick 0. */
const OUR_CLOCK = 64;
const CLOCK_MONOTONIC = 3;
const STATE_CLEARED = 1;
const NEEDS_STATE = 2;

const TYPE = { begin: 1, end: 2, instant: 3, counter: 4 } as const;

/** One argument of an event: an integer, an address, or text. */
export interface Annotation {
  readonly name: Name;
  readonly value: number | bigint | string;
  readonly address?: boolean;
}

/** A name, and its number where it has one. */
export interface Name {
  readonly text: string;
  /** 0: it is written out. */
  readonly iid: number;
}

export interface Slice {
  readonly ns: number;
  readonly track: number;
  readonly name: Name;
  readonly category: Name;
  /** 0 for none. */
  readonly flow: number;
  readonly annotations: readonly Annotation[];
}

export interface TrackDescriptor {
  readonly uuid: number;
  /** 0 for none. */
  readonly parent: number;
  readonly name: string;
  /** Place among the children of its parent. */
  readonly rank: number;
  /** It stands for a process with this number. */
  readonly pid?: number;
  /** It holds values in this unit. */
  readonly unit?: string;
}

/** Names new since the last packet, by the kind of name. */
export interface FreshNames {
  readonly categories: Name[];
  readonly events: Name[];
  readonly annotations: Name[];
}

export class Packets {
  readonly #pbf = new PbfWriter(new Uint8Array(2 * BUFFER_BYTES));
  readonly #write: (bytes: Uint8Array) => void;

  constructor(write: (bytes: Uint8Array) => void) {
    this.#write = write;
  }

  /**
   * First: the state of the sequence, and what tick 0 is on the clock of the recording.
   *
   * @param baseNs reading of that clock, 0 where there is none
   */
  begin(baseNs: bigint): void {
    this.#packet(STATE_CLEARED, (pbf) => {
      pbf.writeMessage(6, writeClocks, baseNs); // ClockSnapshot
      pbf.writeMessage(59, writeDefaults, null); // TracePacketDefaults
      pbf.writeBooleanField(87, true); // first_packet_on_sequence
    });
  }

  track(descriptor: TrackDescriptor): void {
    this.#packet(NEEDS_STATE, (pbf) => pbf.writeMessage(60, writeTrack, descriptor));
  }

  slice(type: 'begin' | 'instant', slice: Slice, fresh: FreshNames | null): void {
    this.#packet(NEEDS_STATE, (pbf) => {
      pbf.writeVarintField(8, slice.ns);
      pbf.writeMessage(11, type === 'begin' ? writeBegin : writeInstant, slice);
      if (fresh !== null) pbf.writeMessage(12, writeFresh, fresh);
    });
  }

  end(ns: number, track: number): void {
    this.#packet(NEEDS_STATE, (pbf) => {
      pbf.writeVarintField(8, ns);
      pbf.writeMessage(11, writeEnd, track);
    });
  }

  counter(ns: number, track: number, value: number): void {
    this.#packet(NEEDS_STATE, (pbf) => {
      pbf.writeVarintField(8, ns);
      pbf.writeMessage(11, writeCounter, { track, value });
    });
  }

  flush(): void {
    this.#write(this.#pbf.buf.slice(0, this.#pbf.pos));
    this.#pbf.pos = 0;
  }

  /** One TracePacket: the file is a row of them. */
  #packet(flags: number, fields: (pbf: PbfWriter) => void): void {
    this.#pbf.writeMessage(1, writePacket, { flags, fields });
    if (this.#pbf.pos >= BUFFER_BYTES) this.flush();
  }
}

function writePacket(
  { flags, fields }: { flags: number; fields: (pbf: PbfWriter) => void },
  pbf: PbfWriter,
): void {
  pbf.writeVarintField(10, SEQUENCE);
  pbf.writeVarintField(13, flags);
  fields(pbf);
}

/** ClockSnapshot: both clocks at tick 0, and which one a viewer shows. */
function writeClocks(baseNs: bigint, pbf: PbfWriter): void {
  pbf.writeMessage(1, writeClock, { id: OUR_CLOCK, ns: 0n });
  pbf.writeMessage(1, writeClock, { id: CLOCK_MONOTONIC, ns: baseNs });
  pbf.writeVarintField(2, CLOCK_MONOTONIC);
}

function writeClock({ id, ns }: { id: number; ns: bigint }, pbf: PbfWriter): void {
  pbf.writeVarintField(1, id);
  writeInteger(pbf, 2, ns);
}

function writeDefaults(_: null, pbf: PbfWriter): void {
  pbf.writeVarintField(58, OUR_CLOCK);
}

const EXPLICIT_ORDER = 3;
const NEVER_MERGED = 2;

function writeTrack(
  { uuid, parent, name, rank, pid, unit }: TrackDescriptor,
  pbf: PbfWriter,
): void {
  pbf.writeVarintField(1, uuid);
  pbf.writeStringField(2, name);
  if (pid !== undefined) pbf.writeMessage(3, writeProcess, { pid, name });
  if (parent !== 0) pbf.writeVarintField(5, parent);
  if (unit !== undefined) pbf.writeMessage(8, writeUnit, unit);
  pbf.writeVarintField(11, EXPLICIT_ORDER);
  pbf.writeVarintField(12, rank);
  pbf.writeVarintField(15, NEVER_MERGED);
}

/** ProcessDescriptor. */
function writeProcess({ pid, name }: { pid: number; name: string }, pbf: PbfWriter): void {
  pbf.writeVarintField(1, pid);
  pbf.writeStringField(6, name);
}

/** CounterDescriptor: the unit in words. */
function writeUnit(unit: string, pbf: PbfWriter): void {
  pbf.writeStringField(6, unit);
}

function writeBegin(slice: Slice, pbf: PbfWriter): void {
  pbf.writeVarintField(9, TYPE.begin);
  writeSlice(slice, pbf);
}

function writeInstant(slice: Slice, pbf: PbfWriter): void {
  pbf.writeVarintField(9, TYPE.instant);
  writeSlice(slice, pbf);
}

/** TrackEvent. */
function writeSlice({ track, name, category, flow, annotations }: Slice, pbf: PbfWriter): void {
  pbf.writeVarintField(11, track);
  if (name.iid === 0) pbf.writeStringField(23, name.text);
  else pbf.writeVarintField(10, name.iid);
  if (category.iid === 0) pbf.writeStringField(22, category.text);
  else pbf.writeVarintField(3, category.iid);
  if (flow !== 0) pbf.writeFixed64Field(47, flow);
  for (const each of annotations) pbf.writeMessage(4, writeAnnotation, each);
}

function writeEnd(track: number, pbf: PbfWriter): void {
  pbf.writeVarintField(9, TYPE.end);
  pbf.writeVarintField(11, track);
}

function writeCounter({ track, value }: { track: number; value: number }, pbf: PbfWriter): void {
  pbf.writeVarintField(9, TYPE.counter);
  pbf.writeVarintField(11, track);
  pbf.writeVarintField(30, value);
}

const INT64_MAX = 2n ** 63n - 1n;

/** DebugAnnotation: string_value, pointer_value, uint_value or int_value. */
function writeAnnotation({ name, value, address }: Annotation, pbf: PbfWriter): void {
  if (name.iid === 0) pbf.writeStringField(10, name.text);
  else pbf.writeVarintField(1, name.iid);
  if (typeof value === 'string') pbf.writeStringField(6, value);
  else writeInteger(pbf, address === true ? 7 : value > INT64_MAX ? 3 : 4, value);
}

/** InternedData: EventCategory, EventName and DebugAnnotationName have the same fields. */
function writeFresh({ categories, events, annotations }: FreshNames, pbf: PbfWriter): void {
  for (const each of categories) pbf.writeMessage(1, writeName, each);
  for (const each of events) pbf.writeMessage(2, writeName, each);
  for (const each of annotations) pbf.writeMessage(3, writeName, each);
}

function writeName({ text, iid }: Name, pbf: PbfWriter): void {
  pbf.writeVarintField(1, iid);
  pbf.writeStringField(2, text);
}

/** A 64-bit integer, exactly: the library takes no more than a double holds. */
function writeInteger(pbf: PbfWriter, field: number, value: number | bigint): void {
  if (typeof value === 'number') {
    pbf.writeVarintField(field, value);
    return;
  }
  pbf.writeTag(field, 0);
  pbf.realloc(10);
  let rest = BigInt.asUintN(64, value);
  for (; rest > 127n; rest >>= 7n) pbf.buf[pbf.pos++] = Number(rest & 127n) | 128;
  pbf.buf[pbf.pos++] = Number(rest);
}
