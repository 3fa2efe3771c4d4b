/** The guess for a file, before it is imported. */
import type { CsvGuess } from '../../../core/contract/methods/index.ts';
import { Source } from '../bytes.ts';
import { isChrome, isTraceDat, isXentrace, SNIFF_BYTES, textFormat } from '../sniff.ts';
import { guessMapping } from './guess.ts';

/**
 * Guesses how the columns of a file become events; null when it is no CSV file.
 *
 * @throws LabError FILE_NOT_FOUND; UNSUPPORTED_FORMAT, UNKNOWN_FORMAT or NO_EVENTS for a file that
 * no import would take; CORRUPT_FILE for damaged compression
 */
export async function guessCsv(path: string): Promise<CsvGuess | null> {
  const pieces: Buffer[] = [];
  let gathered = 0;
  for await (const chunk of new Source(path).chunks()) {
    pieces.push(chunk);
    gathered += chunk.length;
    if (gathered >= SNIFF_BYTES) break;
  }
  const head = Buffer.concat(pieces).subarray(0, SNIFF_BYTES);
  if (isTraceDat(head) || isXentrace(head) || isChrome(head)) return null;
  if (typeof textFormat(path, head) !== 'object') return null;
  return guessMapping(head.toString('utf8'), gathered < SNIFF_BYTES);
}
