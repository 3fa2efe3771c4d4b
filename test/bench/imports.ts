/** How fast recordings of real systems become traces, and in how much memory. */
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { importTrace } from '../../traces/index.ts';
import { bareMatch } from './baselines.ts';
import { temporaryFolder } from './made.ts';
import { perSecond, perSecondAsync, type Bench } from './measure.ts';

const PAGE = 4096;

/** Lines as ftrace prints them, a microsecond apart: mappings, their ends, exits and entries. */
export function ftraceText(lines: number, from = 0): string {
  const text: string[] = [];
  for (let n = from; n < from + lines; n++) {
    const time = `${100 + Math.floor(n / 1e6)}.${String(n % 1e6).padStart(6, '0')}`;
    const head = ` qemu-system-x86-27711 [00${n % 4}] .... ${time}:`;
    const hex = (value: number) => value.toString(16).padStart(16, '0');
    const at = PAGE * (n >> 2);
    const range = `IOMMU: iova=0x${hex(at)} - 0x${hex(at + PAGE)}`;
    text.push(
      [
        `${head} map: ${range} paddr=0x0000000012345000 size=4096`,
        `${head} kvm_exit: vcpu 0 reason EPT_VIOLATION rip 0xffffffff81c01f58 info1 0x0000000000000181 info2 0x0000000000000000 intr_info 0x00000000 error_code 0x00000000`,
        `${head} kvm_entry: vcpu 0, rip 0xffffffff81c01f58`,
        `${head} unmap: ${range} size=4096 unmapped_size=4096`,
      ][n & 3] ?? '',
    );
  }
  return `${text.join('\n')}\n`;
}

/** Records of xentrace: two CPUs in windows of 32 KiB, exits, entries and what lies between. */
function xentraceBytes(records: number): Buffer {
  const perWindow = 1600;
  const pieces: Buffer[] = [];
  let tsc = 1_000_000_000_000n;
  for (let done = 0, window = 0; done < records; done += perWindow, window++) {
    const body: number[] = [];
    for (let i = 0; i < perWindow; i++) {
      tsc += 1200n;
      const [event, ...words] = [
        [0x81102, 48, 0x81c01f58, 0xffffffff],
        [0x82021, i * PAGE, 0, 0x12345, 0, 0x181, 0],
        [0x82012, 20],
        [0x81001],
      ][i & 3] as [number, ...number[]];
      const head = (0x80000000 | (words.length << 28) | event) >>> 0;
      body.push(head, Number(tsc & 0xffffffffn), Number(tsc >> 32n), ...words);
    }
    const change = [(0x1f003 | (2 << 28)) >>> 0, window & 1, body.length * 4];
    const bytes = Buffer.alloc((change.length + body.length) * 4);
    [...change, ...body].forEach((word, i) => bytes.writeUInt32LE(word, i * 4));
    pieces.push(bytes);
  }
  return Buffer.concat(pieces);
}

/** Rows of twelve integers, sixteen to a statement, with what an import spares itself. */
function bareInserts(file: string, rows: number): void {
  const db = new Database(file);
  try {
    db.pragma('journal_mode = OFF');
    db.pragma('synchronous = OFF');
    const columns = [...'abcdefghijk'].map((name) => `${name} INTEGER`).join(', ');
    db.exec(`CREATE TABLE t (id INTEGER PRIMARY KEY, ${columns}) STRICT; BEGIN`);
    const row = `(${'?,'.repeat(11)}?)`;
    const insert = db.prepare(`INSERT INTO t VALUES ${Array(16).fill(row).join(',')}`);
    const values = new Array<number>(12 * 16).fill(7);
    for (let first = 1; first <= rows; first += 16) {
      for (let n = 0; n < 16; n++) {
        values[n * 12] = first + n;
        values[n * 12 + 1] = (first + n) * 1000;
      }
      insert.run(values);
    }
    db.exec('COMMIT');
  } finally {
    db.close();
  }
}

function importing(input: string, folder: string): () => Promise<unknown> {
  let round = 0;
  return () =>
    importTrace({
      input,
      output: path.join(folder, `${round++}.mctrace`),
      name: 'bench',
      recordedAt: '2026-01-01T00:00:00.000Z',
    });
}

/** The goal amounts to 400,000 lines a second on an idle machine of two cores. */
const ftrace: Bench = {
  name: 'import',
  unit: 'lines/s',
  better: 'higher',
  goal: 0.13,
  about: 'lines of ftrace text into a finished trace, against a bare split-and-match loop',
  prepare(long) {
    const lines = long ? 500_000 : 300_000;
    const { folder, done } = temporaryFolder();
    const text = ftraceText(lines);
    const input = path.join(folder, 'trace.txt');
    writeFileSync(input, text);
    const work = importing(input, folder);
    return {
      value: () => perSecondAsync(lines, work),
      baseline: () => perSecond(lines, () => bareMatch(text)),
      done,
    };
  },
};

/** A million records a second on an idle machine of two cores, where the bare loop makes 1.5 million rows. */
const xentrace: Bench = {
  name: 'import-xentrace',
  unit: 'records/s',
  better: 'higher',
  goal: 0.67,
  about: 'records of xentrace into a finished trace, against rows of a bare multi-row insert loop',
  prepare(long) {
    // A buffer of xentrace holds more than this within a second.
    const records = long ? 1_920_000 : 480_000;
    const { folder, done } = temporaryFolder();
    const input = path.join(folder, 'trace.bin');
    writeFileSync(input, xentraceBytes(records));
    const work = importing(input, folder);
    let round = 0;
    return {
      value: () => perSecondAsync(records, work),
      baseline: () =>
        perSecond(records, () => bareInserts(path.join(folder, `${round++}.db`), records)),
      done,
    };
  },
};

const PIECE_LINES = 50_000;

/** Written piece by piece, for the text as a whole may be longer than a string can be. */
function writeLines(file: string, lines: number): void {
  const handle = openSync(file, 'w');
  for (let from = 0; from < lines; from += PIECE_LINES) {
    writeSync(handle, ftraceText(Math.min(PIECE_LINES, lines - from), from));
  }
  closeSync(handle);
}

/** However long the recording is. */
const GOAL_MIB = 256;

const memory: Bench = {
  name: 'import-memory',
  unit: 'MiB',
  better: 'lower',
  goal: 1,
  rounds: 1,
  about:
    'greatest memory of a process that imports lines of ftrace text (--long: 2 GB), against 256 MiB',
  prepare(long) {
    // 15 million lines are 2 GB.
    const lines = long ? 15_000_000 : 800_000;
    const { folder, done } = temporaryFolder();
    const child = fileURLToPath(new URL('./import-child.ts', import.meta.url));
    const peak = (count: number) => {
      const input = path.join(folder, String(count));
      writeLines(input, count);
      const output = execFileSync(process.execPath, [child, input], { encoding: 'utf8' });
      return Number(output);
    };
    // As of any program that has run before, what Node makes of the sources is there.
    peak(PIECE_LINES);
    return { value: () => peak(lines), baseline: () => GOAL_MIB, done };
  },
};

export const IMPORTED: readonly Bench[] = [ftrace, xentrace, memory];
