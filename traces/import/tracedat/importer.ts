/** trace-cmd's trace.dat, versions 6 and 7, into events in order of time. */
import { LabError } from '../../../core/contract/errors.ts';
import { K } from '../../../core/contract/kinds.ts';
import { ImportFile } from '../import-file.ts';
import type { Importer } from '../importer.ts';
import type { RecordedSink } from '../recorded.ts';
import { Damage, FileBytes } from './bytes-at.ts';
import { Decoder } from './decoder.ts';
import { Layout, type CpuData, type TraceBuffer } from './layout.ts';
import { merged } from './merge.ts';
import { pageShape, pagesOf, recordsOf, type PageShape, type RingRecord } from './pages.ts';

const NS_PER_SEC = 1_000_000_000n;
const BREATH = 2000;
const MAGIC = Buffer.from('\x17\x08Dtracing', 'latin1');
/** Clocks that count something else than nanoseconds. */
const COUNTERS = new Set(['counter', 'x86-tsc', 'ppc-tb']);

interface Placed {
  readonly cpu: number;
  readonly ts: bigint;
  readonly record: RingRecord;
}

export class TraceDatImporter implements Importer {
  format = 'trace.dat';
  readonly #sink: RecordedSink;
  readonly #file: ImportFile;
  #damage = '';
  /** Records of the rings. */
  lines = 0;
  readonly skipped = 0;

  /** @param scratch a file to make for what is fed; null to read `path` itself */
  constructor(sink: RecordedSink, path: string, scratch: string | null) {
    this.#sink = sink;
    this.#file = new ImportFile(path, scratch);
  }

  feed(chunk: Buffer): void {
    this.#file.feed(chunk);
  }

  *end(): Iterable<void> {
    const bytes = new FileBytes(this.#file.path);
    try {
      const layout = new Layout(bytes);
      this.format = `trace.dat/${layout.version}`;
      for (const remark of new Set(layout.remarks)) this.#warn(0, remark);
      this.#warnOfMore(bytes, layout);
      const shape = pageShape(layout.headerPage, layout.big);
      const decoder = new Decoder(layout, shape);
      let segment = 0;
      for (const buffer of layout.buffers) {
        segment += 1;
        yield* this.#buffer(layout, buffer, shape, decoder, segment);
      }
    } catch (thrown) {
      if (!(thrown instanceof Damage)) throw thrown;
      this.#damage = thrown.message;
      this.#warn(0, `the file is damaged: ${thrown.message}`);
    } finally {
      bytes.close();
    }
  }

  close(): void {
    this.#file.close();
  }

  nothingFound(path: string): LabError {
    return this.#damage === ''
      ? new LabError('NO_EVENTS', 'there is no event in it', path, 'record with events switched on')
      : new LabError('CORRUPT_FILE', this.#damage, path, 'take another copy of it');
  }

  #warn(record: number, reason: string, text = ''): void {
    this.#sink.warn(record, reason, text);
  }

  /** Behind the last data of a CPU another file may have been put. */
  #warnOfMore(bytes: FileBytes, { buffers }: Layout): void {
    const ends = buffers.flatMap(({ cpus }) => cpus.map(({ offset, size }) => offset + size));
    const end = Math.max(0, ...ends);
    if (end + MAGIC.length > bytes.length || !bytes.read(end, MAGIC.length).equals(MAGIC)) return;
    this.#warn(0, `another trace.dat follows at byte ${end}: cut it off and import it by itself`);
  }

  *#buffer(
    layout: Layout,
    buffer: TraceBuffer,
    shape: PageShape,
    decoder: Decoder,
    segment: number,
  ): Generator<void> {
    const clock = buffer.clock === '' ? layout.clock : buffer.clock;
    const { tsc } = layout;
    if (COUNTERS.has(clock) && tsc === undefined) {
      this.#warn(0, `its clock "${clock}" has no unit: one count is shown as one nanosecond`);
    }
    const time = (ts: bigint) =>
      COUNTERS.has(clock) && tsc !== undefined ? ((ts * tsc.mult) >> tsc.shift) + tsc.offset : ts;
    const streams = buffer.cpus.map((data) => this.#stream(layout, buffer, data, shape));
    let breath = 0;
    for (const { cpu, ts, record } of merged(streams, (item) => item.ts)) {
      this.#record(record, time(ts), { segment, cpu }, decoder);
      breath += 1;
      if (breath % BREATH === 0) yield;
    }
    if (buffer.name === '') return;
    for (const { cpu } of buffer.cpus) {
      this.#sink.name({ segment, cpu }, { actor: `instance ${buffer.name}`, track: `CPU ${cpu}` });
    }
  }

  /** A CPU's records; damage ends the stream and no other. */
  *#stream(
    layout: Layout,
    buffer: TraceBuffer,
    data: CpuData,
    shape: PageShape,
  ): Generator<Placed> {
    const { cpu } = data;
    let ts = 0n;
    const decompress = buffer.compressed ? layout.decompress : null;
    try {
      for (const page of pagesOf(layout.bytes, data, buffer.pageSize, layout.big, decompress)) {
        for (const record of recordsOf(page, shape)) {
          if (record.type !== 'damage') ts = record.ts;
          yield { cpu, ts, record };
        }
      }
    } catch (thrown) {
      if (!(thrown instanceof Damage)) throw thrown;
      yield { cpu, ts, record: { type: 'damage', reason: thrown.message } };
    }
  }

  #record(
    record: RingRecord,
    ts: bigint,
    place: { segment: number; cpu: number },
    decoder: Decoder,
  ): void {
    this.lines += 1;
    const line = this.lines;
    if (record.type === 'damage') {
      this.#warn(line, `CPU ${place.cpu}: ${record.reason}`);
      return;
    }
    const time = { sec: ts / NS_PER_SEC, ns: Number(ts % NS_PER_SEC) };
    if (record.type === 'lost') {
      const payload = { kind: K.recGap, ...(record.count === null ? {} : { n: record.count }) };
      const details = { name: 'LOST EVENTS' };
      this.#sink.event({ place, time, payload, details, line, text: 'LOST EVENTS' });
      return;
    }
    const { payload, details, text, problem } = decoder.decode(record.data);
    if (problem !== null) this.#warn(line, problem, text);
    this.#sink.event({ place, time, payload, details, line, text });
  }
}
