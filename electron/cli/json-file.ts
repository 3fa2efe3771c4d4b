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
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new LabError(
      'FILE_NOT_FOUND',
      `the ${what} cannot be read (${code})`,
      file,
      'check its name and whether you may read it',
    );
  }
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
