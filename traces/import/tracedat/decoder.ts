/** Records of a ring buffer into events with a name, a message and fields. */
import { K } from '../../../core/contract/kinds.ts';
import { isKnown, parseAny, parseKnown, type Payload } from '../payload/index.ts';
import type { PageShape } from './pages.ts';
import { parseFormat, type EventFormat } from './event-format.ts';
import { KernelNames } from './kernel.ts';
import type { Layout } from './layout.ts';
import { printerOf, type Printer } from './print-format.ts';
import { printf } from './printf.ts';
import { integer, shown, spanOf, text, type Raw } from './values.ts';

/** Most fields kept of one event. */
const MAX_FIELDS = 256;
const MAX_MESSAGE_CHARS = 65_536;
const OWN_DETAILS = new Set(['name', 'system', 'comm', 'pid', 'flags']);
const PRINT_EVENTS = new Set(['bprint', 'print', 'bputs']);

interface Known {
  readonly format: EventFormat;
  readonly printer: Printer | null;
}

export interface Decoded {
  readonly name: string;
  readonly pid: number;
  readonly payload: Payload;
  readonly details: Readonly<Record<string, string>>;
  readonly text: string;
  readonly problem: string | null;
}

export class Decoder {
  readonly #shape: PageShape;
  readonly #names: KernelNames;
  readonly #events = new Map<number, Known>();
  readonly #unprinted = new Set<number>();

  constructor(layout: Layout, shape: PageShape) {
    this.#shape = shape;
    this.#names = new KernelNames(layout);
    const machine = {
      longSize: shape.longSize,
      symbol: (address: bigint) => this.#names.symbol(address),
    };
    for (const { system, text } of layout.formats) {
      const format = parseFormat(system, text);
      if (format !== null) {
        this.#events.set(format.id, { format, printer: printerOf(format, machine) });
      }
    }
  }

  decode(data: Buffer): Decoded {
    const { big } = this.#shape;
    const raw: Raw = { data, big };
    const id = Number(integer(data.subarray(0, 2), big, false));
    const pid = Number(integer(data.subarray(4, 8), big, true));
    const comm = this.#names.thread(pid);
    const flags = data.subarray(2, 4).toString('hex');
    const own = { comm, pid: String(pid), flags };
    const known = this.#events.get(id);
    if (known === undefined || data.length < 8) {
      const name = data.length < 8 ? 'unknown' : `event ${id}`;
      return {
        name,
        pid,
        payload: { kind: K.raw },
        details: { name, ...own },
        text: `${comm}-${pid} ${name}: ${data.toString('hex')}`,
        problem: data.length < 8 ? 'an event too short to be one' : 'nothing describes this event',
      };
    }
    return this.#described(known, raw, pid, own);
  }

  #described(
    { format, printer }: Known,
    raw: Raw,
    pid: number,
    own: Readonly<Record<string, string>>,
  ): Decoded {
    const fields = format.fields
      .slice(0, MAX_FIELDS)
      .map((field) => [field.name, shown(field, raw)] as const);
    const plain = fields.map(([name, value]) => `${name}=${value}`).join(' ');
    const message = this.#message(format, printer, raw, plain).slice(0, MAX_MESSAGE_CHARS);
    const { payload, problem } = this.#payload(format, printer, message, fields.length);
    const details: [string, string][] = Object.entries({
      name: format.name,
      system: format.system,
      ...own,
    });
    for (const [name, value] of [...fields, ...Object.entries(payload.fields ?? {})]) {
      details.push([OWN_DETAILS.has(name) ? `field.${name}` : name, value]);
    }
    return {
      name: format.name,
      pid,
      payload,
      details: Object.fromEntries(details),
      text: `${own['comm'] ?? ''}-${pid} ${format.name}: ${message}`,
      problem,
    };
  }

  #payload(
    format: EventFormat,
    printer: Printer | null,
    message: string,
    fields: number,
  ): { payload: Payload; problem: string | null } {
    if (isKnown(format.name)) {
      const payload = parseKnown(format.name, message);
      if (payload !== null) return { payload, problem: payload.problem ?? null };
      if (printer === null) return this.#unprintable(format);
      return {
        payload: { kind: fields > 0 ? K.generic : K.raw },
        problem: `${format.name} is written in a form that no version is known to print`,
      };
    }
    if (PRINT_EVENTS.has(format.name)) return { payload: parseAny(message), problem: null };
    return { payload: { kind: fields > 0 ? K.generic : K.raw }, problem: null };
  }

  /** Said once for each event: it is not the recording that lacks something. */
  #unprintable({ id, name }: EventFormat): { payload: Payload; problem: string | null } {
    const said = this.#unprinted.has(id);
    this.#unprinted.add(id);
    const reason = `the print format of ${name} has something that is not read: only its fields are shown`;
    return { payload: { kind: K.generic }, problem: said ? null : reason };
  }

  #message(format: EventFormat, printer: Printer | null, raw: Raw, plain: string): string {
    if (PRINT_EVENTS.has(format.name)) return this.#printed(format, raw) ?? plain;
    if (printer === null) return plain;
    try {
      return printer(raw);
    } catch {
      // A format that does not fit its fields: nothing a kernel would have printed.
      return plain;
    }
  }

  /** What a program printed into the trace: `bprint` keeps its format and arguments apart. */
  #printed(format: EventFormat, raw: Raw): string | null {
    const named = (name: string) => format.fields.find((field) => field.name === name);
    const [ip, fmt, buf] = [named('ip'), named('fmt'), named('buf')];
    if (ip === undefined) return null;
    const where = this.#names.symbol(integer(spanOf(ip, raw), raw.big, false));
    if (format.name === 'print' && buf !== undefined) {
      return `${where}: ${text(spanOf(buf, raw)).trimEnd()}`;
    }
    if (fmt === undefined) return null;
    const pattern = this.#names.printkFormat(integer(spanOf(fmt, raw), raw.big, false));
    if (pattern === undefined) return null;
    if (format.name === 'bputs' || buf === undefined) return `${where}: ${pattern.trimEnd()}`;
    return `${where}: ${this.#binaryPrintf(pattern, spanOf(buf, raw), raw.big).trimEnd()}`;
  }

  /** Linux `lib/vsprintf.c`, `bstr_printf`: words of 4 bytes, strings with their NUL. */
  #binaryPrintf(pattern: string, args: Buffer, big: boolean): string {
    let at = 0;
    const next = (wanted: { bytes: number; text: boolean }) => {
      if (wanted.text) {
        const value = text(args.subarray(at));
        at += Buffer.byteLength(value) + 1;
        return value;
      }
      if (wanted.bytes >= 4) at = Math.ceil(at / 4) * 4;
      const value = integer(args.subarray(at, at + wanted.bytes), big, false);
      at += wanted.bytes;
      return value;
    };
    return printf(pattern, next, this.#shape.longSize, (address) => this.#names.symbol(address));
  }
}
