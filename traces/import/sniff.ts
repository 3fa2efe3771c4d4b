/** Which format a recording has, by its first bytes; its name says nothing. */
import { LabError } from '../../core/contract/errors.ts';
import { APPLICATION_ID } from '../schema.ts';
import type { CsvMapping } from '../../core/contract/methods/index.ts';
import { guessMapping } from './csv/guess.ts';
import { withoutQuotes } from './ftrace/line.ts';
import { isQemuLine } from './qemu/line.ts';
import { isGzip, isZstd } from './bytes.ts';
import { XENALYZE } from './xentrace/xenalyze-importer.ts';
import { XENTRACE_FORMAT } from './xentrace/format-importer.ts';

/** Bytes that are looked at. */
export const SNIFF_BYTES = 64 * 1024;

/** Lines that decide; the others that are there are asked where these say nothing. */
const LINES = 200;

/** Formats of text that are read. */
export type TextFormat =
  | 'ftrace'
  | 'trace-cmd report'
  | 'perf script'
  | 'QEMU log'
  | 'xentrace_format'
  | 'xenalyze'
  /** Comma-separated values, with what was guessed of them. */
  | { readonly mapping: CsvMapping };

/** A format that is known but not read. */
interface Refusal {
  readonly format: string;
  readonly remedy: string;
}

const BINARY: readonly { readonly test: (head: Buffer) => boolean; readonly refusal: Refusal }[] = [
  {
    test: (head) => isSqlite(head) && head.readUInt32BE(68) === APPLICATION_ID,
    refusal: { format: 'a Mapcopy trace already', remedy: 'open it instead of importing it' },
  },
  {
    test: isSqlite,
    refusal: { format: 'an SQLite database', remedy: 'import a recording of a real system' },
  },
  {
    test: (head) => head.toString('latin1', 0, 8) === 'PERFILE2',
    refusal: {
      format: 'a perf.data file',
      remedy: 'make text of it with "perf script --ns" and import that',
    },
  },
  {
    test: (head) => isGzip(head) || isZstd(head),
    refusal: {
      format: 'compressed twice',
      remedy: 'decompress it once with "gzip -d" or "zstd -d"',
    },
  },
  {
    test: (head) => head.length >= 2 && [0xfffe, 0xfeff].includes(head.readUInt16BE(0)),
    refusal: {
      format: 'text in UTF-16',
      remedy: 'make UTF-8 of it with "iconv -f UTF-16 -t UTF-8" and import that',
    },
  },
  {
    test: isPerfetto,
    refusal: {
      format: 'a Perfetto trace',
      remedy: 'make text of it with "traceconv systrace" and import that',
    },
  },
];

const TEXT: readonly { readonly pattern: RegExp; readonly refusal: Refusal }[] = [
  {
    pattern: /^# tracer: function_graph/,
    refusal: {
      format: 'a function_graph trace',
      remedy: 'record with "echo nop > current_tracer" and the events you need switched on',
    },
  },
];

/**
 * A line that only tracefs prints; one of these decides before the other formats are asked. The pid is
 * joined to the name: perf has threads of the pid -1.
 */
const FTRACE =
  /^\s*(?:\S.*)?\S-\d+\s+(?:\(\s*(?:\d+|-+)\)\s+)?\[\d+\]\s+(?:\S{4,8}\s+)?\d+\.\d{6,9}:\s+\S/;

/** Header of perf, `sys:event:` after the time, or a sample's period and the name of its counter. */
const PERF =
  /^# (?:========|captured on\s*:)|(?:^|\s)\d+\.\d{6,9}:\s+(?:\d+\s+[\w-]+(?::\w+)?:\s*$|(?:\d+\s+)?[A-Za-z][\w-]*:[A-Za-z_]\w*:)/;

/** Preamble of trace-cmd, or a name that it has padded to 20 columns. */
const REPORT =
  /^\s*(?:[\w./+-]+: )?(?:version = \d+|cpus=\d+|CPU \d+ is empty)\s*$|\.\d{6,9}:\s+[^:\s]+:\s{2,}\S|^ {1,8}[a-z]\w*_\w*:\s{3,}\S/;

function isSqlite(head: Buffer): boolean {
  return head.length >= 100 && head.toString('latin1', 0, 16) === 'SQLite format 3\0';
}

/** Field 1, a length, and field 1 again right behind it: a sequence of packets. */
function isPerfetto(head: Buffer): boolean {
  if (head[0] !== 0x0a) return false;
  let length = 0;
  for (let at = 1; at <= 4; at++) {
    const byte = head[at] ?? 0;
    length += (byte & 0x7f) * 128 ** (at - 1);
    if (byte < 0x80) return length > 0 && head[at + 1 + length] === 0x0a && !isText(head);
  }
  return false;
}

function isText(head: Buffer): boolean {
  return !head.includes(0);
}

function refuse(path: string, refusal: Refusal): LabError {
  return new LabError('UNSUPPORTED_FORMAT', `this is ${refusal.format}`, path, refusal.remedy);
}

/** Is this what xentrace writes? The first record of a buffer is a change of CPU. */
export function isXentrace(head: Buffer): boolean {
  return head.length >= 4 && (head.readUInt32LE(0) & 0x0fffffff) === 0x0001f003;
}

/** Is this what trace-cmd writes? */
export function isTraceDat(head: Buffer): boolean {
  return head.toString('latin1', 0, 10) === '\x17\x08\x44tracing';
}

/** Is this a Chrome trace: a list of events with phases, or an object that has one? */
export function isChrome(head: Buffer): boolean {
  const text = head.toString('utf8');
  if (/^\s*\{/.test(text)) return !text.includes('"$schema"') && text.includes('"traceEvents"');
  return /^\s*\[\s*\{/.test(text) && text.includes('"ph"');
}

function jsonFormat(text: string): string {
  if (text.includes('"$schema"') && text.includes('speedscope')) return 'a speedscope profile';
  if (text.includes('"meta"') && text.includes('"threads"')) return 'a Firefox profile';
  return 'a JSON document';
}

/**
 * Refuses what no importer of text reads.
 *
 * @param head the first bytes, decompressed
 * @throws LabError UNSUPPORTED_FORMAT
 */
export function refuseBinary(path: string, head: Buffer): void {
  for (const { test, refusal } of BINARY) if (test(head)) throw refuse(path, refusal);
}

/**
 * Tells the format of a text; prose may hold ftrace lines, and a crash may have left zeros.
 *
 * @param head the first bytes, decompressed
 * @throws LabError UNSUPPORTED_FORMAT for another known format, UNKNOWN_FORMAT for other binary
 * data, NO_EVENTS for an empty file
 */
export function textFormat(path: string, head: Buffer): TextFormat {
  if (head.length === 0) {
    throw new LabError('NO_EVENTS', 'the file is empty', path, 'record something first');
  }
  refuseBinary(path, head);
  const text = head.toString('utf8');
  if (/^\s*[[{]/.test(text) && /^\s*(?:\{\s*"|\[\s*[[{\]])/.test(text)) {
    throw refuse(path, {
      format: jsonFormat(text),
      remedy: 'import the recording it was made of, or export it as Chrome JSON ("traceEvents")',
    });
  }
  const lines = text.split('\n').map((line) => line.slice(0, 1000));
  const first = lines.slice(0, LINES);
  const format = formatOf(first);
  if (format !== null) return format;
  for (const { pattern, refusal } of TEXT) {
    if (first.some((line) => pattern.test(line))) throw refuse(path, refusal);
  }
  if (!isText(head)) {
    const what = 'this is binary data of an unknown format';
    const remedy = 'give text of tracefs, perf script or QEMU, a trace.dat, or what xentrace wrote';
    throw new LabError('UNKNOWN_FORMAT', what, path, remedy);
  }
  const guess = guessMapping(text, head.length < SNIFF_BYTES);
  if (guess !== null) return { mapping: guess.mapping };
  // A log may go on for long before its first event.
  return formatOf(lines) ?? 'ftrace';
}

/** Null where no line is of a known format. */
function formatOf(lines: readonly string[]): TextFormat | null {
  if (lines.some((line) => XENTRACE_FORMAT.test(line))) return 'xentrace_format';
  if (lines.some((line) => XENALYZE.test(line))) return 'xenalyze';
  if (lines.some((line) => REPORT.test(line))) return 'trace-cmd report';
  if (lines.some((line) => /^# tracer: (?!function_graph)/.test(line) || FTRACE.test(line))) {
    return 'ftrace';
  }
  if (lines.some((line) => PERF.test(line))) return 'perf script';
  if (lines.some((line) => isQemuLine(withoutQuotes(line).replace(/\r$/, '')))) return 'QEMU log';
  return null;
}
