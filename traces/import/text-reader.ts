/** A recording that is text, from its bytes on. */
import type { LabError } from '../../core/contract/errors.ts';
import type { Importer } from './importer.ts';
import { LineSplitter, type Line } from './lines.ts';
import type { TextImporter } from './text-importer.ts';

export class TextReader implements Importer {
  readonly #splitter = new LineSplitter();
  readonly #importer: TextImporter;
  readonly #take: (line: Line) => void;

  constructor(importer: TextImporter) {
    this.#importer = importer;
    this.#take = (line) => importer.line(line);
  }

  get format(): string {
    return this.#importer.format;
  }

  get lines(): number {
    return this.#splitter.count;
  }

  get skipped(): number {
    return this.#importer.skipped;
  }

  feed(chunk: Buffer): void {
    this.#splitter.feed(chunk, this.#take);
  }

  end(): Iterable<void> {
    this.#splitter.end(this.#take);
    this.#importer.end();
    return [];
  }

  nothingFound(path: string): LabError {
    return this.#importer.nothingFound(path);
  }
}
