/**
 * Where everything is in a trace.dat file: trace-cmd's `trace-cmd.dat.v6` and `v7` manual pages.
 * Version 6 is a sequence; version 7 is sections that options point to.
 */
import {
  BufferBytes,
  Cursor,
  Damage,
  decompressor,
  type Bytes,
  type Decompress,
} from './bytes-at.ts';

/** More than any kernel has; a count beyond is damage. */
const MAX_FORMATS = 100_000;
const MAX_CPUS = 16_384;
const MAX_OPTIONS = 100_000;

export interface CpuData {
  readonly cpu: number;
  readonly offset: number;
  readonly size: number;
}

/** A ring buffer: the one of the system, or that of an instance. */
export interface TraceBuffer {
  readonly name: string;
  readonly clock: string;
  readonly pageSize: number;
  readonly compressed: boolean;
  readonly cpus: readonly CpuData[];
}

export class Layout {
  readonly bytes: Bytes;
  readonly big: boolean;
  readonly version: number;
  readonly pageSize: number;
  readonly decompress: Decompress | null;
  headerPage = '';
  /** Descriptions of events, as the kernel printed them. */
  readonly formats: { readonly system: string; readonly text: string }[] = [];
  kallsyms = '';
  printk = '';
  cmdlines = '';
  clock = '';
  readonly buffers: TraceBuffer[] = [];
  /** Nanoseconds of a counter: `(cycles * mult >> shift) + offset`. */
  tsc: { readonly mult: bigint; readonly shift: bigint; readonly offset: bigint } | undefined;
  /** What is there and not read. */
  readonly remarks: string[] = [];

  /** @throws Damage when what must be there is not */
  constructor(bytes: Bytes) {
    this.bytes = bytes;
    const start = bytes.read(0, Math.min(bytes.length, 14));
    this.big = start.length > 12 && start[12] === 1;
    const cursor = new Cursor(bytes, this.big, 10);
    const version = cursor.string();
    if (version !== '6' && version !== '7') {
      throw new Damage(`its version "${version.slice(0, 20)}" is not known`);
    }
    this.version = Number(version);
    cursor.take(2);
    this.pageSize = cursor.u32();
    if (this.version === 6) {
      this.decompress = null;
      this.#sequence(cursor);
    } else {
      this.decompress = decompressor(cursor.string());
      cursor.string();
      this.#optionSections(cursor.size());
    }
    if (this.headerPage === '') throw new Damage('its page header is not described');
  }

  #sequence(cursor: Cursor): void {
    this.#headerInfo(cursor);
    this.#ftraceFormats(cursor);
    this.#eventFormats(cursor);
    this.kallsyms = cursor.text(cursor.u32());
    this.printk = cursor.text(cursor.u32());
    this.cmdlines = cursor.text(cursor.size());
    const cpus = count(cursor.u32(), MAX_CPUS);
    let tag = tagOf(cursor);
    const instances: { name: string; offset: number }[] = [];
    if (tag === 'options') {
      for (let id = cursor.u16(); id !== 0; id = cursor.u16()) {
        const option = new Cursor(new BufferBytes(cursor.take(cursor.u32())), this.big);
        if (id === 3) instances.push({ offset: option.size(), name: option.string() });
        else this.#option(id, option);
      }
      tag = tagOf(cursor);
    }
    this.#flyrecord(tag, cursor, '', cpus);
    for (const { name, offset } of instances) {
      const at = new Cursor(this.bytes, this.big, offset);
      this.#flyrecord(tagOf(at), at, name, cpus);
    }
  }

  #flyrecord(tag: string, cursor: Cursor, name: string, count: number): void {
    if (tag !== 'flyrecord') {
      this.remarks.push(`its data is in the form "${tag.slice(0, 10)}", which is not read`);
      return;
    }
    const cpus: CpuData[] = [];
    for (let cpu = 0; cpu < count; cpu++) {
      cpus.push({ cpu, offset: cursor.size(), size: cursor.size() });
    }
    const { clock, pageSize } = this;
    this.buffers.push({ name, clock, pageSize, compressed: false, cpus });
  }

  #optionSections(first: number): void {
    const seen = new Set<number>();
    let options = 0;
    for (let offset = first; offset !== 0 && !seen.has(offset);) {
      seen.add(offset);
      const { cursor } = this.#section(offset);
      offset = 0;
      while (options < MAX_OPTIONS) {
        options += 1;
        const id = cursor.u16();
        const option = new Cursor(new BufferBytes(cursor.take(cursor.u32())), this.big);
        if (id === 0) {
          offset = option.size();
          break;
        }
        this.#option(id, option);
      }
    }
  }

  #section(offset: number): { cursor: Cursor; compressed: boolean } {
    const cursor = new Cursor(this.bytes, this.big, offset);
    cursor.u16();
    const compressed = (cursor.u16() & 1) === 1;
    cursor.u32();
    const size = cursor.size();
    if (!compressed) return { cursor, compressed };
    if (this.decompress === null) throw new Damage('a section is compressed, nobody says how');
    if (size > this.bytes.length) throw new Damage('a section is longer than the file');
    const packed = cursor.u32();
    const length = cursor.u32();
    const plain = this.decompress(cursor.take(packed), length);
    return { cursor: new Cursor(new BufferBytes(plain), this.big), compressed };
  }

  #option(id: number, option: Cursor): void {
    switch (id) {
      case 3:
        this.#buffer(option);
        return;
      case 4:
        this.clock = /\[(\w[\w-]*)\]/.exec(option.text(option.bytes.length))?.[1] ?? '';
        return;
      case 7:
      case 12:
        this.remarks.push('its times are shifted against those of another file; that is left out');
        return;
      case 14: {
        const [mult, shift, offset] = [option.u32(), option.u32(), option.u64()];
        if (shift < 64) this.tsc = { mult: BigInt(mult), shift: BigInt(shift), offset };
        return;
      }
      case 16:
        this.#headerInfo(this.#section(option.size()).cursor);
        return;
      case 17:
        this.#ftraceFormats(this.#section(option.size()).cursor);
        return;
      case 18:
        this.#eventFormats(this.#section(option.size()).cursor);
        return;
      case 19: {
        const { cursor } = this.#section(option.size());
        this.kallsyms = cursor.text(cursor.u32());
        return;
      }
      case 20: {
        const { cursor } = this.#section(option.size());
        this.printk = cursor.text(cursor.u32());
        return;
      }
      case 21: {
        const { cursor } = this.#section(option.size());
        this.cmdlines = cursor.text(cursor.size());
        return;
      }
      case 22:
        this.remarks.push('it holds a buffer of text, which is not read');
    }
  }

  #buffer(option: Cursor): void {
    const offset = option.size();
    const name = option.string();
    const clock = option.string();
    const pageSize = option.u32();
    const cpus: CpuData[] = [];
    for (let left = count(option.u32(), MAX_CPUS); left > 0; left--) {
      cpus.push({ cpu: option.u32(), offset: option.size(), size: option.size() });
    }
    const { compressed } = this.#sectionFlags(offset);
    this.buffers.push({ name, clock, pageSize, compressed, cpus });
  }

  #sectionFlags(offset: number): { compressed: boolean } {
    return { compressed: (new Cursor(this.bytes, this.big, offset + 2).u16() & 1) === 1 };
  }

  #headerInfo(cursor: Cursor): void {
    cursor.string();
    this.headerPage = cursor.text(cursor.size());
    cursor.string();
    cursor.take(cursor.size());
  }

  #ftraceFormats(cursor: Cursor): void {
    for (let left = count(cursor.u32(), MAX_FORMATS); left > 0; left--) {
      this.formats.push({ system: 'ftrace', text: cursor.text(cursor.size()) });
    }
  }

  #eventFormats(cursor: Cursor): void {
    for (let systems = count(cursor.u32(), MAX_FORMATS); systems > 0; systems--) {
      const system = cursor.string();
      for (let left = count(cursor.u32(), MAX_FORMATS); left > 0; left--) {
        this.formats.push({ system, text: cursor.text(cursor.size()) });
      }
    }
  }
}

function count(value: number, most: number): number {
  if (value > most) throw new Damage('a count without measure');
  return value;
}

/** Ten bytes that say what follows. */
function tagOf(cursor: Cursor): string {
  return cursor
    .take(10)
    .toString('latin1')
    .replace(/[ \0]+$/, '');
}
