/**
 * The text of xentrace_format with its own `formats` file (Xen up to 4.18):
 * `CPU0  50475882825885 (+    4659)  VMEXIT      [ exitcode = 0x00000012, rIP  = 0x... ]`.
 */
import { LabError } from '../../../core/contract/errors.ts';
import { K } from '../../../core/contract/kinds.ts';
import type { Line } from '../lines.ts';
import type { Payload } from '../payload/index.ts';
import type { RecordedSink } from '../recorded.ts';
import type { TextImporter } from '../text-importer.ts';
import { TscClock } from './clock.ts';

const LINE = /^CPU(\d{1,5})\s+(\d{1,20})\s+\(\+\s*-?\d+\)\s+(\S.*?)\s*(?:\[\s*(.*?)\s*\]\s*)?$/;
/** Keys hold blanks and signs: `is invlpga?`, `dom:vcpu`, `prev<dom:vcpu>`, `CR#`. */
const PAIR = /([A-Za-z][^=,[\]]*?(?:\[\d+\][^=,[\]]*?)*)\s*=\s*([^\s,]+)/g;
const HEX = /^0x[0-9a-f]{1,16}$/i;
const WORD = /0x([0-9a-f]+)/gi;

/** Is this a line of it? */
export const XENTRACE_FORMAT = /^CPU\d+ {2}\d+ \(\+ *-?\d+\)/;

type Fields = Readonly<Record<string, string>>;

function wide(text: string | undefined): bigint | undefined {
  return text !== undefined && HEX.test(text) ? BigInt(text) : undefined;
}

/** A column of a field, where the field has a number. */
function column(name: 'arg' | 'frame', text: string | undefined): object {
  const value = wide(text);
  return value === undefined ? {} : { [name]: value };
}

/** Names as in `tools/xentrace/formats`. */
const PAYLOADS: Readonly<Record<string, (fields: Fields) => Payload>> = {
  VMENTRY: () => ({ kind: K.recVmEntry }),
  nVMENTRY: () => ({ kind: K.recVmEntry }),
  VMEXIT: (f) => ({ kind: K.recVmExit, ...column('arg', f['rIP']) }),
  nVMEXIT: (f) => ({ kind: K.recVmExit, ...column('arg', f['rIP']) }),
  VMMCALL: (f) => ({ kind: K.recHypercall, ...column('arg', f['func']) }),
  hypercall: (f) => {
    // The second version carries how its arguments are laid out in the bits above.
    const op = wide(f['op']);
    return {
      kind: K.recHypercall,
      ...(op === undefined ? column('arg', f['eax']) : { arg: op & 0xfffffn }),
    };
  },
  INJ_VIRQ: (f) => ({ kind: K.recIrqInject, ...column('arg', f['vector']) }),
  NPF: (f) => ({ kind: K.recPageFault, ...column('frame', f['gpa']) }),
  IOPORT_READ: (f) => ({ kind: K.recPio, ...column('arg', f['port']) }),
  IOPORT_WRITE: (f) => ({ kind: K.recPio, ...column('arg', f['port']) }),
  IO_READ: (f) => ({ kind: K.recPio, ...column('arg', f['port']), ...bytes(f['size']) }),
  IO_WRITE: (f) => ({ kind: K.recPio, ...column('arg', f['port']), ...bytes(f['size']) }),
  // The formats file calls the address of an MMIO access its port.
  MMIO_READ: (f) => ({
    kind: K.recMmio,
    ...column('frame', f['port']),
    ...column('arg', f['data']),
  }),
  MMIO_WRITE: (f) => ({
    kind: K.recMmio,
    ...column('frame', f['port']),
    ...column('arg', f['data']),
  }),
  page_grant_map: (f) => ({ kind: K.recGrantMap, ...domain(f) }),
  page_grant_unmap: (f) => ({ kind: K.recGrantUnmap, ...domain(f) }),
};

function bytes(text: string | undefined): object {
  return text !== undefined && /^\d{1,6}$/.test(text) ? { bytes: Number(text) } : {};
}

function domain(fields: Fields): object {
  const id = fields['domid'];
  return id !== undefined && /^\d{1,5}$/.test(id) ? { arg: BigInt(id) } : {};
}

export class XentraceFormatImporter implements TextImporter {
  readonly format = 'xentrace_format';
  readonly #sink: RecordedSink;
  readonly #clock: TscClock;
  /** Of each physical CPU: its last time stamp, and the vCPU that runs on it. */
  readonly #tsc = new Map<number, bigint>();
  readonly #running = new Map<number, string>();
  #saidAssumption = false;
  skipped = 0;

  /** @param hz counts of the time stamp counter a second, where the user knows it */
  constructor(sink: RecordedSink, hz?: number) {
    this.#sink = sink;
    this.#clock = new TscClock(hz);
  }

  line(line: Line): void {
    if (line.text.trim() === '') {
      this.skipped += 1;
      return;
    }
    const match = LINE.exec(line.text);
    if (match === null || line.cut) {
      this.#sink.warn(line.number, 'not a line of xentrace_format', line.text);
      return;
    }
    const [, cpu = '', tsc = '', title = '', inside = ''] = match;
    this.#event(Number(cpu), BigInt(tsc), title, inside, line);
  }

  end(): void {
    // Every line is whole.
  }

  nothingFound(path: string): LabError {
    return new LabError(
      'NO_EVENTS',
      'there is no event in it',
      path,
      'record with xentrace -e all',
    );
  }

  #event(cpu: number, stamp: bigint, title: string, inside: string, line: Line): void {
    if (/^(?:wrap_buffer|cpu_change)\s/.test(title)) {
      this.skipped += 1;
      return;
    }
    if (stamp !== 0n) this.#tsc.set(cpu, stamp);
    const tsc = this.#tsc.get(cpu);
    if (!this.#saidAssumption && this.#clock.assumption !== null) {
      this.#saidAssumption = true;
      this.#sink.warn(line.number, this.#clock.assumption, '');
    }
    const fields = fieldsOf(inside);
    const running = fields['dom:vcpu'];
    if (title.endsWith('_to_running') && running !== undefined) {
      this.#running.set(cpu, vcpuOf(running));
    }
    const vcpu = this.#running.get(cpu);
    const [name = title] = /^\S+/.exec(title) ?? [];
    this.#sink.event({
      place: { segment: 1, cpu },
      time: tsc === undefined ? null : this.#clock.time(tsc),
      payload: payloadOf(name, title, fields),
      details: {
        name,
        ...(stamp === 0n ? { time: 'that of the event before' } : { tsc: String(stamp) }),
        ...(vcpu === undefined ? {} : { vcpu }),
        ...fields,
      },
      line: line.number,
      text: line.text,
    });
  }
}

function fieldsOf(inside: string): Record<string, string> {
  const pairs = [...inside.matchAll(PAIR)].map(([, key = '', value = '']) => [key, value] as const);
  if (pairs.length > 0 || inside === '') return Object.fromEntries(pairs);
  // An event that the formats file does not know: its words alone.
  return Object.fromEntries([...inside.matchAll(WORD)].map(([word], i) => [`word${i}`, word]));
}

/** `0x00010003`, or two halves printed side by side. */
function vcpuOf(word: string): string {
  const value = Number.parseInt(word, 16);
  return `d${value >>> 16}v${value & 0xffff}`;
}

function payloadOf(name: string, title: string, fields: Fields): Payload {
  if (name === 'lost_records') {
    const lost = wide(/0x[0-9a-f]+/i.exec(title)?.[0]);
    return { kind: K.recGap, ...(lost === undefined ? {} : { n: Number(lost) }) };
  }
  const known = Object.hasOwn(PAYLOADS, name) ? PAYLOADS[name] : undefined;
  if (known !== undefined) return known(fields);
  return { kind: Object.keys(fields).length > 0 ? K.generic : K.raw };
}
