/** What of a recording only its user can say, found before it is imported. */
import type { CsvSplit, ImportQuestion } from '../../core/contract/methods/index.ts';
import { Source } from './bytes.ts';
import { guessMapping } from './csv/guess.ts';
import { isChrome, isTraceDat, isXentrace, SNIFF_BYTES, textFormat } from './sniff.ts';

/**
 * How the columns of a CSV file become events, or how fast the clock of xentrace ran; null for a
 * recording that says all itself.
 *
 * @param split how it falls into columns, if it is to be taken for a CSV file whatever it looks like
 * @throws LabError FILE_NOT_FOUND; UNSUPPORTED_FORMAT, UNKNOWN_FORMAT or NO_EVENTS for a file that
 * no import would take; CORRUPT_FILE for damaged compression
 */
export async function importQuestion(
  path: string,
  split?: CsvSplit,
): Promise<ImportQuestion | null> {
  const pieces: Buffer[] = [];
  let gathered = 0;
  for await (const chunk of new Source(path).chunks()) {
    pieces.push(chunk);
    gathered += chunk.length;
    if (gathered >= SNIFF_BYTES) break;
  }
  const head = Buffer.concat(pieces).subarray(0, SNIFF_BYTES);
  if (split === undefined) {
    if (isTraceDat(head) || isChrome(head)) return null;
    if (isXentrace(head)) return { kind: 'clock' };
    const format = textFormat(path, head);
    if (format === 'xentrace_format') return { kind: 'clock' };
    if (typeof format !== 'object') return null;
  }
  const guess = guessMapping(head.toString('utf8'), gathered < SNIFF_BYTES, split);
  return guess === null ? null : { kind: 'columns', guess };
}
