/** Which importer a recording needs, by its first bytes. */
import { ChromeImporter } from './chrome/importer.ts';
import type { Importer } from './importer.ts';
import type { RecordingHints } from './options.ts';
import type { RecordedSink } from './recorded.ts';
import { isChrome, isTraceDat, isXentrace, refuseBinary, textFormat } from './sniff.ts';
import { TextReader } from './text-reader.ts';
import { textImporter } from './text.ts';
import { TraceDatImporter } from './tracedat/importer.ts';
import { XentraceImporter } from './xentrace/importer.ts';

/** What an importer may need beyond the bytes it is fed. */
export interface ImportSource {
  /** The file as the user named it. */
  readonly path: string;
  /** Is what is fed something else than the bytes of that file? */
  readonly compressed: boolean;
  /** Name of a file that the importer may make and must remove. */
  readonly scratch: string;
}

/**
 * The importer for a recording.
 *
 * @param head the first bytes, decompressed
 * @throws LabError UNSUPPORTED_FORMAT, UNKNOWN_FORMAT, NO_EVENTS for an empty file
 */
export function importerFor(
  source: ImportSource,
  head: Buffer,
  sink: RecordedSink,
  hints: RecordingHints = {},
): Importer {
  const { mapping } = hints;
  if (mapping !== undefined) {
    refuseBinary(source.path, head);
    return new TextReader(textImporter({ mapping }, sink, hints));
  }
  const scratch = source.compressed ? source.scratch : null;
  if (isTraceDat(head)) return new TraceDatImporter(sink, source.path, scratch);
  if (isXentrace(head)) return new XentraceImporter(sink, source.path, scratch, hints.clockHz);
  if (isChrome(head)) return new ChromeImporter(sink);
  return new TextReader(textImporter(textFormat(source.path, head), sink, hints));
}
