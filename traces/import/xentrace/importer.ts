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

export class XentraceImporter implements Importer {
  readonly format = 'xentrace';
  readonly #sink: RecordedSink;
  readonly #clock: TscClock;
  readonly #file: ImportFile;
  /** Of each physical CPU: the vCPU that runs on it, as xenalyze writes it. */
  readonly #running = new Map<number | null, string>();
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

  #record({ cpu, line, event, tsc, timed, words }: XenRecord): void {
    let shown = '';
    for (const word of words) shown += ` ${hex8(word)}`;
    // A change of run state to "running" says whose exits and entries follow.
    const [first] = words;
    if ((event & 0xff0ff) === 0x21001 && first !== undefined) {
      this.#running.set(cpu, `d${first >>> 16}v${first & 0xffff}`);
    }
    const details: Record<string, string> = {
      name: NAMES[event] ?? `xen ${event.toString(16)}`,
      event: `0x${event.toString(16)}`,
    };
    if (timed) details['tsc'] = String(tsc);
    else details['time'] = 'that of the event before';
    const vcpu = this.#running.get(cpu);
    if (vcpu !== undefined) details['vcpu'] = vcpu;
    if (shown !== '') details['words'] = shown.slice(1);
    this.#sink.event({
      place: { segment: 1, cpu },
      time: tsc === null ? null : this.#clock.time(tsc),
      payload: payloadOf(event, words),
      details,
      line,
      text: `${event.toString(16)} ${timed ? String(tsc) : '-'}${shown}`,
    });
  }
}

const HEX = Array.from({ length: 65_536 }, (_, i) => i.toString(16).padStart(4, '0'));

/** Eight hexadecimal digits. */
function hex8(word: number): string {
  return `${HEX[word >>> 16]}${HEX[word & 0xffff]}`;
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
