/** `trace-cmd report`, trace-cmd 1 to 3.4 (`tracecmd/trace-read.c`). */
import { LabError } from '../../../core/contract/errors.ts';
import { FtraceImporter, kernelDialect } from '../ftrace/importer.ts';
import { parseLine, withoutQuotes } from '../ftrace/line.ts';
import type { Line } from '../lines.ts';
import { parseFields } from '../payload/fields.ts';
import { parseKnown } from '../payload/index.ts';
import type { RecordedSink } from '../recorded.ts';
import type { TextImporter } from '../text-importer.ts';

const PREAMBLE = /^\s*(?:[\w./+-]+: )?(?:version = \d+|cpus=\d+|CPU \d+ is empty)\s*$/;
const PADDED = /^\s*[A-Za-z]\w*_\w*:\s{2,}\S/;
/** With several inputs each line begins with the name of its own. */
const PREFIX = /^\s*([\w./+-]+): +(?=\S)/;
/** Inputs that are told apart. */
const MAX_INPUTS = 1024;

export class TraceCmdImporter implements TextImporter {
  readonly format = 'trace-cmd report';
  readonly #lines: FtraceImporter;
  readonly #inputs = new Map<string, number>();
  #preamble = 0;

  constructor(sink: RecordedSink) {
    this.#lines = new FtraceImporter(sink, {
      ...kernelDialect(),
      format: this.format,
      // -R prints the fields of an event, whatever its text would be.
      known: (event, message) => parseKnown(event, message) ?? parseFields(event, message),
      alone: PADDED,
    });
  }

  get skipped(): number {
    return this.#preamble + this.#lines.skipped;
  }

  line(line: Line): void {
    const text = withoutQuotes(line.text);
    if (PREAMBLE.test(text)) {
      this.#preamble += 1;
      return;
    }
    const prefix = PREFIX.exec(text);
    if (prefix !== null) {
      const rest = text.slice(prefix[0].length);
      const parsed = parseLine(rest);
      // The event behind a loss has no name of its input before it.
      const timed = parsed.type === 'lost' || (parsed.type === 'event' && parsed.who.cpu !== null);
      const segment = timed ? this.#segmentOf(prefix[1] ?? '') : null;
      if (segment !== null) {
        this.#lines.setSegment(segment);
        this.#lines.line(line, rest);
        return;
      }
    }
    this.#lines.line(line, text);
  }

  end(): void {
    this.#lines.end();
  }

  nothingFound(path: string): LabError {
    return new LabError(
      'NO_EVENTS',
      'this report of trace-cmd has no event in it',
      path,
      'record with "trace-cmd record -e" and the events that you need',
    );
  }

  /** Recordings of several machines: each has CPUs of its own. */
  #segmentOf(input: string): number | null {
    const known = this.#inputs.get(input);
    if (known !== undefined) return known;
    if (this.#inputs.size === MAX_INPUTS) return null;
    this.#inputs.set(input, this.#inputs.size + 1);
    return this.#inputs.size;
  }
}
