/** Help for the tests of importers. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { EventRow, ImportCounts } from '../../core/contract/methods/index.ts';
import { openTrace, type TraceReader } from '../read/reader.ts';
import { tempFolder } from '../testing/temp.ts';
import { importTrace } from './import.ts';

export interface ImportedText {
  readonly counts: ImportCounts;
  readonly reader: TraceReader;
  /** The first 1000. */
  readonly events: readonly EventRow[];
}

/** Imports `content` as it would a file. */
export async function imported(content: string | Buffer): Promise<ImportedText> {
  const folder = tempFolder();
  const input = join(folder, 'recording');
  writeFileSync(input, content);
  const output = join(folder, 'out.mctrace');
  const counts = await importTrace({ input, output, name: '', recordedAt: '' });
  const reader = openTrace(output);
  onTestFinished(() => reader.close());
  return { counts, reader, events: reader.events(1, 1000) };
}

/**
 * Lines of the input that are nowhere: neither text of an event, nor frame of a stack, nor skipped,
 * nor warned of. Zero or less unless something was lost silently.
 *
 * @param warned the warnings with their text, which may be several lines
 */
export function lostLines(
  { counts, reader, events }: ImportedText,
  warned: readonly { readonly line: number; readonly text: string }[] = [],
): number {
  const found = new Set(counts.warnings.map(({ line }) => line).filter((line) => line > 0));
  for (const { line, text } of warned) {
    if (line > 0) text.split('\n').forEach((_line, i) => found.add(line + i));
  }
  let frames = 0;
  for (const { id } of events) {
    const { source, details } = reader.event(id);
    const lines = (source?.text ?? '').split('\n').length;
    for (let i = 0; i < lines; i++) found.add((source?.line ?? 0) + i);
    const stack = details['stack'];
    // The mark before a stack is a line too.
    if (stack !== undefined) frames += stack.split('\n').length + 1;
  }
  const unlisted = counts.warningsTotal - counts.warnings.length;
  return counts.lines - found.size - frames - unlisted - counts.skipped;
}
