import { readFileSync } from 'node:fs';
import { LabError, type ErrorCode } from '../../core/contract/errors.ts';

/**
 * A JSON object from a file of the user's.
 *
 * @param what the document is, for messages
 * @param wrong code for one that is no JSON object
 * @throws LabError FILE_NOT_FOUND, or `wrong`
 */
export function readObject(file: string, what: string, wrong: ErrorCode): Record<string, unknown> {
  const text = readText(file, what);
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new LabError(wrong, (error as Error).message, file, 'mend the JSON document');
  }
  if (typeof document === 'object' && document !== null && !Array.isArray(document)) {
    return document as Record<string, unknown>;
  }
  throw new LabError(wrong, `a ${what} is a JSON object`, file, 'write {...}');
}

/**
 * The text of a file of the user's. An editor or a shell of Windows may have put a byte order mark
 * before it, or have made UTF-16 of it.
 *
 * @param what the document is, for messages
 * @throws LabError FILE_NOT_FOUND
 */
export function readText(file: string, what: string): string {
  try {
    const bytes = readFileSync(file);
    const wide = bytes[0] === 0xff && bytes[1] === 0xfe;
    return new TextDecoder(wide ? 'utf-16le' : 'utf-8').decode(bytes);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new LabError(
      'FILE_NOT_FOUND',
      `the ${what} cannot be read (${code})`,
      file,
      'check its name and whether you may read it',
    );
  }
}
