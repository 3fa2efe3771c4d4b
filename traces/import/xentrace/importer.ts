/** The binary records of xentrace: Xen `xen/include/public/trace.h`, `tools/xentrace/xentrace.c`. */
import { LabError } from '../../../core/contract/errors.ts';
import { K } from '../../../core/contract/kinds.ts';
import type { Importer } from '../importer.ts';
import type { Payload } from '../payload/index.ts';
import type { RecordedSink } from '../recorded.ts';
import { ImportFile } from '../import-file.ts';
import { merged } from '../tracedat/merge.ts';
import { TscClock } from './clock.ts';
import { Windows, type XenRecord } from './windows.ts';

const LOST = 0x1f001;
const BREATH = 2000;

/** Kinds of event whose names are kept ready; there are some hundred. */
const MAX_NAMED = 4096;

/** A vCPU that runs, as xenalyze writes it and as a member of the JSON of details. */
interface Running {
  readonly vcpu: string;
  readonly json: string;
}

/** How a kind of event is called: the begin of the JSON of its details, and its number. */
interface Named {
  readonly json: string;
  readonly hex: string;
}

export class XentraceImporter implements Importer {
  readonly format = 'xentrace';
  readonly #sink: RecordedSink;
  readonly #clock: TscClock;
  readonly #file: ImportFile;
  /** Of each physical CPU: the vCPU that runs on it. */
  readonly #running = new Map<number | null, Running>();
  readonly #named = new Map<number, Named>();
  /** Changes of CPU and padding are skipped. */
  lines = 0;
  skipped = 0;

  /** @param hz counts of the time stamp counter a second, where the user knows it */
  constructor(sink: RecordedSink, path: string, scratch: string | null, hz?: number) {
    this.#sink = sink;
    this.#clock = new TscClock(hz);
    this.#file = new ImportFile(path, scratch);
  }

  feed(chunk: Buffer): void {
    this.#file.feed(chunk);
  }

  *end(): Iterable<void> {
    const windows = new Windows(this.#file.path, (line, reason, text) =>
      this.#sink.warn(line, reason, text),
    );
    try {
      this.lines = windows.records;
      this.skipped = windows.skipped;
      if (this.#clock.assumption !== null && windows.records > windows.skipped) {
        this.#sink.warn(0, this.#clock.assumption, '');
      }
      let breath = 0;
      const streams = windows.cpus.map((cpu) => windows.of(cpu));
      for (const record of merged(streams, ({ tsc }) => tsc ?? 0)) {
        this.#record(record);
        breath += 1;
        if (breath % BREATH === 0) yield;
      }
    } finally {
      windows.close();
    }
  }

  close(): void {
    this.#file.close();
  }

  nothingFound(path: string): LabError {
    return new LabError(
      'NO_EVENTS',
      'there is no event in it',
      path,
      'record with xentrace -e all',
    );
  }

  #record(record: XenRecord): void {
    const { place, line, event, tsc, timed, words, count } = record;
    // A change of run state to "running" says whose exits and entries follow.
    if ((event & 0xff0ff) === 0x21001 && count > 0) this.#runs(place.cpu, words[0] ?? 0);
    const running = this.#running.get(place.cpu);
    const { json, hex } = this.#namedOf(event);
    const counted = timed ? decimal(tsc ?? 0) : '-';
    const when = timed ? `,"tsc":"${counted}"` : ',"time":"that of the event before"';
    let shown = '';
    for (let i = 0; i < count; i++) shown += ` ${hex8(words[i] ?? 0)}`;
    const rest = count === 0 ? '' : `,"words":"${shown.slice(1)}"`;
    this.#sink.event({
      place,
      time: tsc === null ? null : this.#clock.time(tsc),
      payload: payloadOf(event, words, count),
      details: json + when + (running?.json ?? '') + rest,
      facts: running,
      line,
      text: `${hex} ${counted}${shown}`,
    });
  }

  #runs(cpu: number | null, word: number): void {
    const vcpu = `d${word >>> 16}v${word & 0xffff}`;
    this.#running.set(cpu, { vcpu, json: `,"vcpu":"${vcpu}"` });
  }

  #namedOf(event: number): Named {
    let named = this.#named.get(event);
    if (named === undefined) {
      const hex = event.toString(16);
      const name = NAMES[event] ?? `xen ${hex}`;
      named = { json: `{"name":"${name}","event":"0x${hex}"`, hex };
      if (this.#named.size < MAX_NAMED) this.#named.set(event, named);
    }
    return named;
  }
}

const HEX = Array.from({ length: 65_536 }, (_, i) => i.toString(16).padStart(4, '0'));
const THOUSAND = Array.from({ length: 1000 }, (_, i) => String(i).padStart(3, '0'));

/** Eight hexadecimal digits. */
function hex8(word: number): string {
  return `${HEX[word >>> 16]}${HEX[word & 0xffff]}`;
}

/** Decimal digits of a whole number; by parts, for the upper ones are mostly those of the number before. */
export function decimal(value: number | bigint): string {
  if (typeof value === 'bigint' || value < 1e6) return String(value);
  const lower = value % 1e6;
  const upper = (value - lower) / 1e6;
  return `${upper}${THOUSAND[Math.floor(lower / 1000)]}${THOUSAND[lower % 1000]}`;
}

/** 64 bits: as a number, read as signed, where a double is exact; else as an unsigned bigint. */
export function signed64(low: number, high: number): number | bigint {
  const upper = high | 0;
  if (upper < -0x1f_ffff || upper > 0x1f_ffff) return (BigInt(high) << 32n) | BigInt(low);
  return upper * 2 ** 32 + low;
}

const NAMES: Readonly<Record<number, string>> = {
  [LOST]: 'lost_records',
  0x81001: 'VMENTRY',
  0x81401: 'VMENTRY (nested)',
  0x81002: 'VMEXIT',
  0x81102: 'VMEXIT',
  0x81003: 'VMEXIT (SVM)',
  0x81103: 'VMEXIT (SVM)',
  0x82004: 'INJ_VIRQ',
  0x8200f: 'INTR',
  0x82012: 'VMMCALL',
  0x82021: 'NPF',
  0x10f001: 'page_grant_map',
  0x10f002: 'page_grant_unmap',
  0x10f003: 'page_grant_transfer',
  0x10f004: 'set_p2m_entry',
  0x20100d: 'hypercall',
  0x2800a: 'switch',
  0x28004: 'wake',
};

function payloadOf(event: number, words: readonly number[], count: number): Payload {
  const [first = 0, second = 0, third = 0] = words;
  switch (event) {
    case LOST:
      return { kind: K.recGap, n: count > 0 ? first : 0 };
    case 0x81001:
    case 0x81401:
      return { kind: K.recVmEntry };
    case 0x81002:
    case 0x81003:
      if (count < 2) break;
      return { kind: K.recVmExit, arg: second };
    case 0x81102:
    case 0x81103:
      if (count < 3) break;
      return { kind: K.recVmExit, arg: signed64(second, third) };
    case 0x82012:
      if (count < 1) break;
      return { kind: K.recHypercall, arg: first };
    case 0x20100d:
      if (count < 1) break;
      return { kind: K.recHypercall, arg: first & 0xfffff };
    case 0x82004:
      if (count < 1) break;
      return { kind: K.recIrqInject, arg: first };
    case 0x10f001:
    case 0x10f002:
      if (count < 1) break;
      return { kind: event === 0x10f001 ? K.recGrantMap : K.recGrantUnmap, arg: first };
    case 0x82021:
      if (count < 2) break;
      return { kind: K.recPageFault, frame: signed64(first, second) };
  }
  return { kind: count > 0 ? K.generic : K.raw };
}
