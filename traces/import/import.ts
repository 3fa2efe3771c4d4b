/** Imports a recording from a real system. */
import { basename } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { LabError } from '../../core/contract/errors.ts';
import type { ImportCounts, ImportProgress } from '../../core/contract/methods/index.ts';
import { VERSION } from '../../core/contract/version.ts';
import { PART_SUFFIX } from '../files.ts';
import { createPart, discardPart, sealPart, writeError, type Part } from '../write/part.ts';
import { removeUnfinished } from '../write/recover.ts';
import { writeMeta } from '../write/summary.ts';
import { Source } from './bytes.ts';
import { importerFor } from './format.ts';
import type { Importer } from './importer.ts';
import type { RecordingHints } from './options.ts';
import type { RecordedSink } from './recorded.ts';
import { TICK_PS } from './ordered.ts';
import { PlainDesk, SharedDesk, type Desk } from './rows/desk.ts';
import { SNIFF_BYTES } from './sniff.ts';
import { Staging } from './staging.ts';
import { Warnings } from './warnings.ts';

/** Starting a thread takes as long as a few thousand lines. */
const SHARED_FROM = 4 * 2 ** 20;

export interface ImportOptions extends RecordingHints {
  /** The recording; plain, gzip or zstd. Its name says nothing about its format. */
  readonly input: string;
  /** The trace to write. */
  readonly output: string;
  /** What to call the trace. */
  readonly name: string;
  /** ISO 8601: when the trace is made. */
  readonly recordedAt: string;
  /** A recording of so many bytes is written by a thread of its own. */
  readonly sharedFrom?: number;
  readonly onProgress?: (progress: ImportProgress) => void;
  readonly signal?: AbortSignal;
}

/**
 * Imports a recording, of whatever size in bounded memory. It works in small steps, so that progress
 * shows and `signal` cancels. Nothing is left behind when it fails; what an import to the same place
 * left when it was killed is replaced.
 *
 * @throws LabError FILE_NOT_FOUND; UNWRITABLE; UNSUPPORTED_FORMAT for a known format that this
 * version does not read; UNKNOWN_FORMAT; NO_EVENTS; CORRUPT_FILE for damaged compression; CANCELLED
 */
export async function importTrace(options: ImportOptions): Promise<ImportCounts> {
  const source = new Source(options.input);
  removeUnfinished(options.output + PART_SUFFIX);
  const part = createPart(options.output, 'import');
  let desk: Desk | undefined;
  try {
    writeHead(part, options);
    desk =
      source.bytesTotal < (options.sharedFrom ?? SHARED_FROM)
        ? new PlainDesk(part)
        : new SharedDesk(part);
    const counts = await fill(desk, part, source, options);
    sealPart(part, options.output);
    return counts;
  } catch (thrown) {
    await desk?.drop();
    discardPart(part);
    throw writeError(options.output, thrown);
  }
}

function writeHead({ db }: Part, options: ImportOptions): void {
  writeMeta(db, {
    status: 'recording',
    tick_ps: String(TICK_PS),
    program: `mapcopy ${VERSION}`,
    recorded_at: options.recordedAt,
    name: options.name,
    source_name: basename(options.input),
  });
}

async function fill(
  desk: Desk,
  part: Part,
  source: Source,
  options: ImportOptions,
): Promise<ImportCounts> {
  const warnings = new Warnings(desk.db);
  const staging = new Staging(desk, warnings);
  const step = async () => {
    checkCancelled(options);
    report(options, source, staging.counts.events);
    await desk.ready();
  };
  const reader = await readAll(source, `${part.path}.data`, staging, options, step);
  if (staging.counts.events === 0) throw reader.nothingFound(options.input);
  const rest = staging.finish();
  let done = await rest.next();
  for (; done.done !== true; done = await rest.next()) {
    await setImmediate();
    checkCancelled(options);
    report(options, source, staging.counts.events);
  }
  warnings.flush();
  const { db, summary } = done.value;
  summary.write(db);
  const counts: ImportCounts = {
    format: reader.format,
    lines: reader.lines,
    ...staging.counts,
    skipped: reader.skipped,
    warnings: warnings.listed,
    warningsTotal: warnings.total,
  };
  writeMeta(db, {
    status: 'imported',
    source_bytes: String(source.bytesTotal),
    source_sha256: source.digest(),
    import: JSON.stringify(counts),
    base_sec: staging.base.sec,
    base_ns: staging.base.ns,
  });
  db.exec('COMMIT');
  return counts;
}

/** Gathers enough to know the format, then reads to the end. `step` is called after each chunk. */
async function readAll(
  source: Source,
  scratch: string,
  sink: RecordedSink,
  hints: RecordingHints,
  step: () => Promise<void>,
): Promise<Importer> {
  let reader: Importer | undefined;
  const head: Buffer[] = [];
  let gathered = 0;
  const begin = (): Importer => {
    const first = Buffer.concat(head.splice(0));
    const { path, compressed } = source;
    reader = importerFor(
      { path, compressed, scratch },
      first.subarray(0, SNIFF_BYTES),
      sink,
      hints,
    );
    reader.feed(first);
    return reader;
  };
  try {
    for await (const chunk of source.chunks()) {
      if (reader !== undefined) {
        reader.feed(chunk);
      } else {
        head.push(chunk);
        gathered += chunk.length;
        if (gathered >= SNIFF_BYTES) begin();
      }
      await step();
    }
    const begun = reader ?? begin();
    for (const _work of begun.end()) {
      await setImmediate();
      await step();
    }
    return begun;
  } finally {
    reader?.close?.();
  }
}

function checkCancelled({ signal, input }: ImportOptions): void {
  if (signal?.aborted !== true) return;
  throw new LabError('CANCELLED', 'the import was cancelled', input, 'nothing was written');
}

function report({ onProgress }: ImportOptions, source: Source, events: number): void {
  onProgress?.({ bytesDone: source.bytesDone, bytesTotal: source.bytesTotal, events });
}
