/** JSON documents of the user's on the disk. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { LabError } from '../../core/contract/index.ts';

/**
 * Writes a document. A crash in the middle leaves the old file or the new one, never half of one.
 * @throws LabError UNWRITABLE
 */
export function writeJson(file: string, document: unknown): void {
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(`${file}.new`, `${JSON.stringify(document, null, 2)}\n`, { flush: true });
    renameSync(`${file}.new`, file);
  } catch (thrown) {
    const code = (thrown as NodeJS.ErrnoException).code ?? String(thrown);
    const what = `the document cannot be written (${code})`;
    throw new LabError('UNWRITABLE', what, file, 'check the folder and its permissions');
  }
}

/** @throws LabError BAD_ARGUMENT for a file that is no JSON, CORRUPT_FILE for one that cannot be read */
export function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (thrown) {
    if (thrown instanceof SyntaxError) {
      throw new LabError('BAD_ARGUMENT', 'this is no JSON', file, 'mend or remove the file');
    }
    const code = (thrown as NodeJS.ErrnoException).code ?? String(thrown);
    const what = `the file cannot be read (${code})`;
    throw new LabError('CORRUPT_FILE', what, file, 'see whether it is there and may be read');
  }
}
