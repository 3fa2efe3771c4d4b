import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { LabError } from '../../core/contract/index.ts';

/** Writes what a command has made. @throws LabError UNWRITABLE */
export function writeOut(file: string, bytes: Buffer): void {
  try {
    mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
    writeFileSync(file, bytes);
  } catch (thrown) {
    const code = (thrown as NodeJS.ErrnoException).code ?? String(thrown);
    const what = `the file cannot be written (${code})`;
    throw new LabError('UNWRITABLE', what, file, 'choose another');
  }
}
