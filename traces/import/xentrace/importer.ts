/** The binary records of xentrace: Xen `xen/include/public/trace.h`, `tools/xentrace/xentrace.c`. */
import { LabError } from '../../../core/contract/errors.ts';
import { K } from '../../../core/contract/kinds.ts';
import type { Importer } from '../importer.ts';
import type { Payload } from '../payload/index.ts';
import type { RecordedSink } from '../recorded.ts';
import { TscClock, type ClockTime } from './clock.ts';

const CPU_CHANGE = 0x1f003;
const PADDING = 0x1f002;
const LOST = 0x1f001;
const MAX_CPUS = 16_384;

export class XentraceImporter implements Importer {
  readonly format = 'xentrace';
  readonly #sink: RecordedSink;
  readonly #clock: TscClock;
  #rest: Buffer = Buffer.alloc(0);
  #cpu: number | null = null;
  /** Of each physical CPU: its last time stamp, and the vCPU that runs on it. */
  readonly #tsc = new Map<number | null, bigint>();
  readonly #running = new Map<number | null, number>();
  #warnedTime = false;
  lines = 0;
  /** Changes of CPU and padding. */
  skipped = 0;

  /** @param hz counts of the time stamp counter a second, where the user knows it */
  constructor(sink: RecordedSink, hz?: number) {
    this.#sink = sink;
    this.#clock = new TscClock(hz);
  }

  feed(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    while (at + 4 <= bytes.length) {
      const head = bytes.readUInt32LE(at);
      const timed = head >= 0x80000000;
      const length = 4 + (timed ? 8 : 0) + 4 * ((head >>> 28) & 7);
      if (at + length > bytes.length) break;
      this.#record(head & 0x0fffffff, timed, bytes.subarray(at + 4, at + length));
      at += length;
    }
    this.#rest = Buffer.from(bytes.subarray(at));
  }

  end(): Iterable<void> {
    if (this.#rest.length > 0) {
      this.lines += 1;
      this.#sink.warn(this.lines, 'the file ends within a record', this.#rest.toString('hex'));
    }
    return [];
  }

  nothingFound(path: string): LabError {
    return new LabError(
      'NO_EVENTS',
      'there is no event in it',
      path,
      'record with xentrace -e all',
    );
  }

  #record(event: number, timed: boolean, body: Buffer): void {
    this.lines += 1;
    const words: number[] = [];
    for (let at = timed ? 8 : 0; at < body.length; at += 4) words.push(body.readUInt32LE(at));
    if (event === CPU_CHANGE || event === PADDING) {
      this.skipped += 1;
      if (event === CPU_CHANGE) this.#change(words[0] ?? MAX_CPUS);
      return;
    }
    if (timed) this.#tsc.set(this.#cpu, body.readBigUInt64LE(0));
    const tsc = this.#tsc.get(this.#cpu);
    const name = nameOf(event);
    const hex = words.map((word) => word.toString(16).padStart(8, '0'));
    const text = `${event.toString(16)} ${timed ? String(tsc) : '-'} ${hex.join(' ')}`.trimEnd();
    // A change of run state to "running" says whose exits and entries follow.
    if ((event & 0xff0ff) === 0x21001 && words[0] !== undefined) {
      this.#running.set(this.#cpu, words[0]);
    }
    const vcpu = this.#running.get(this.#cpu);
    this.#sink.event({
      place: { segment: 1, cpu: this.#cpu },
      time: tsc === undefined ? null : this.#timeOf(tsc),
      payload: payloadOf(event, words),
      details: {
        name,
        event: `0x${event.toString(16)}`,
        ...(timed ? { tsc: String(tsc) } : { time: 'that of the event before' }),
        ...(vcpu === undefined ? {} : { vcpu: `d${vcpu >>> 16}v${vcpu & 0xffff}` }),
        ...Object.fromEntries(hex.map((word, i) => [`word${i}`, `0x${word}`])),
      },
      line: this.lines,
      text,
    });
  }

  #change(cpu: number): void {
    if (cpu < MAX_CPUS) {
      this.#cpu = cpu;
      return;
    }
    this.#cpu = null;
    this.#sink.warn(this.lines, 'a change to a CPU that no machine has', String(cpu));
  }

  #timeOf(tsc: bigint): ClockTime {
    if (!this.#warnedTime && this.#clock.assumption !== null) {
      this.#warnedTime = true;
      this.#sink.warn(0, this.#clock.assumption, '');
    }
    return this.#clock.time(tsc);
  }
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

function nameOf(event: number): string {
  return NAMES[event] ?? `xen ${event.toString(16)}`;
}

function payloadOf(event: number, words: readonly number[]): Payload {
  const [first = 0, second = 0, third = 0] = words;
  const wide = (low: number, high: number) => (BigInt(high) << 32n) | BigInt(low);
  switch (event) {
    case LOST:
      return { kind: K.recGap, n: first };
    case 0x81001:
    case 0x81401:
      return { kind: K.recVmEntry };
    case 0x81002:
    case 0x81003:
      if (words.length < 2) break;
      return { kind: K.recVmExit, arg: BigInt(second) };
    case 0x81102:
    case 0x81103:
      if (words.length < 3) break;
      return { kind: K.recVmExit, arg: wide(second, third) };
    case 0x82012:
      if (words.length < 1) break;
      return { kind: K.recHypercall, arg: BigInt(first) };
    case 0x20100d:
      if (words.length < 1) break;
      return { kind: K.recHypercall, arg: BigInt(first & 0xfffff) };
    case 0x82004:
      if (words.length < 1) break;
      return { kind: K.recIrqInject, arg: BigInt(first) };
    case 0x10f001:
    case 0x10f002:
      if (words.length < 1) break;
      return { kind: event === 0x10f001 ? K.recGrantMap : K.recGrantUnmap, arg: BigInt(first) };
    case 0x82021:
      if (words.length < 2) break;
      return { kind: K.recPageFault, frame: wide(first, second) };
  }
  return { kind: words.length > 0 ? K.generic : K.raw };
}
