/** Imports a recording from a real system. */
import { basename } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { LabError } from '../../core/contract/errors.ts';
import type { ImportCounts, ImportProgress } from '../../core/contract/methods.ts';
import { VERSION } from '../../core/contract/version.ts';
import { createPart, discardPart, sealPart, writeError, type Part } from '../write/part.ts';
import { RowInserter } from '../write/rows.ts';
import { Summary, writeMeta } from '../write/summary.ts';
import { Source } from './bytes.ts';
import { LineSplitter, type Line } from './lines.ts';
import { SNIFF_BYTES, textFormat } from './sniff.ts';
import { Staging } from './staging.ts';
import { textImporter, type TextImporter } from './text.ts';
import { Warnings } from './warnings.ts';

/** Ticks of a recorded trace are nanoseconds. */
const TICK_PS = 1000;

export interface ImportOptions {
  /** The recording; plain or gzip. Its name says nothing about its format. */
  readonly input: string;
  /** The trace to write. */
  readonly output: string;
  /** What to call the trace. */
  readonly name: string;
  /** ISO 8601: when the trace is made. */
  readonly recordedAt: string;
  readonly onProgress?: (progress: ImportProgress) => void;
  readonly signal?: AbortSignal;
}

/**
 * Imports a recording, of whatever size in bounded memory. It works in small steps, so that progress
 * shows and `signal` cancels. Nothing is left behind when it fails.
 *
 * @throws LabError FILE_NOT_FOUND; UNWRITABLE; UNSUPPORTED_FORMAT for a known format that this
 * version does not read; UNKNOWN_FORMAT; NO_EVENTS; CORRUPT_FILE for a damaged gzip file; CANCELLED
 */
export async function importTrace(options: ImportOptions): Promise<ImportCounts> {
  const source = new Source(options.input);
  const part = createPart(options.output, 'import');
  try {
    const counts = await fill(part, source, options);
    sealPart(part, options.output);
    return counts;
  } catch (thrown) {
    discardPart(part);
    throw writeError(options.output, thrown);
  }
}

async function fill(part: Part, source: Source, options: ImportOptions): Promise<ImportCounts> {
  const { db } = part;
  writeMeta(db, {
    status: 'recording',
    tick_ps: String(TICK_PS),
    program: `mapcopy ${VERSION}`,
    recorded_at: options.recordedAt,
    name: options.name,
    source_name: basename(options.input),
  });
  const warningRows = new RowInserter(db, 'warnings', 4);
  const warnings = new Warnings(warningRows);
  // One transaction: without a journal, commits protect nothing and only cost.
  db.exec('BEGIN');
  const staging = new Staging(db, warnings);
  const splitter = new LineSplitter();
  const reader = await readAll(source, splitter, staging, () => {
    checkCancelled(options);
    report(options, source, staging.counts.events);
  });
  if (staging.counts.events === 0) throw reader.nothingFound(options.input);
  const summary = new Summary(TICK_PS);
  for (const _moved of staging.move(summary)) {
    await setImmediate();
    checkCancelled(options);
    report(options, source, staging.counts.events);
  }
  warningRows.flush();
  summary.write(db);
  const counts: ImportCounts = {
    format: reader.format,
    lines: splitter.count,
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
  splitter: LineSplitter,
  staging: Staging,
  step: () => void,
): Promise<TextImporter> {
  const head: Buffer[] = [];
  let gathered = 0;
  let reader: TextImporter | undefined;
  const take = (line: Line) => reader?.line(line);
  const begin = (): TextImporter => {
    const first = Buffer.concat(head.splice(0));
    const begun = textImporter(textFormat(source.path, first.subarray(0, SNIFF_BYTES)), staging);
    reader = begun;
    splitter.feed(first, take);
    return begun;
  };
  for await (const chunk of source.chunks()) {
    if (reader !== undefined) {
      splitter.feed(chunk, take);
    } else {
      head.push(chunk);
      gathered += chunk.length;
      if (gathered >= SNIFF_BYTES) begin();
    }
    step();
  }
  const begun = reader ?? begin();
  splitter.end(take);
  begun.end();
  return begun;
}

function checkCancelled({ signal, input }: ImportOptions): void {
  if (signal?.aborted !== true) return;
  throw new LabError('CANCELLED', 'the import was cancelled', input, 'nothing was written');
}

function report({ onProgress }: ImportOptions, source: Source, events: number): void {
  onProgress?.({ bytesDone: source.bytesDone, bytesTotal: source.bytesTotal, events });
}
