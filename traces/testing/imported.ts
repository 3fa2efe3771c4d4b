/** A recording made in a test, imported. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { EventRow, ImportCounts } from '../../core/contract/methods/index.ts';
import { importTrace } from '../import/import.ts';
import type { RecordingHints } from '../import/options.ts';
import { openTrace, type TraceReader } from '../read/reader.ts';
import { tempFolder } from './temp.ts';

export interface Imported {
  readonly counts: ImportCounts;
  readonly reader: TraceReader;
  /** The first thousand events. */
  readonly events: readonly EventRow[];
}

/** Imports the file at `input`. */
export async function importFile(input: string, hints: RecordingHints = {}): Promise<Imported> {
  const output = join(tempFolder(), 'out.mctrace');
  const counts = await importTrace({ input, output, name: 'recorded', recordedAt: '', ...hints });
  const reader = openTrace(output);
  onTestFinished(() => reader.close());
  return { counts, reader, events: reader.events(1, 1000) };
}

/** Imports a file with this content. */
export async function importContent(
  content: string | Buffer,
  hints: RecordingHints = {},
): Promise<Imported> {
  const input = join(tempFolder(), 'recording');
  writeFileSync(input, content);
  return importFile(input, hints);
}

/** Numbers from 0 up to `below`, the same in every run (xorshift32). */
export function seededNumbers(seed: number): (below: number) => number {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** A copy with one kind of damage or another: cut off, bits flipped, pieces moved, numbers blown up. */
export function damaged(bytes: Buffer, random: (below: number) => number): Buffer {
  const copy = Buffer.from(bytes);
  if (copy.length < 16) return copy;
  const at = random(copy.length - 8);
  switch (random(6)) {
    case 0:
      return copy.subarray(0, random(copy.length));
    case 1:
      for (let i = 0; i <= random(8); i++) {
        const place = random(copy.length);
        copy[place] = (copy[place] ?? 0) ^ (1 << random(8));
      }
      return copy;
    case 2:
      copy.fill(0xff, at, at + 1 + random(8));
      return copy;
    case 3:
      copy.fill(0, at, at + 1 + random(8));
      return copy;
    case 4:
      return Buffer.concat([copy.subarray(0, at), copy.subarray(at + 1 + random(64))]);
    default:
      return Buffer.concat([copy.subarray(0, at), copy]);
  }
}
