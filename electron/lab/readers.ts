import type { Reader } from './parts.ts';

/**
 * Keeps the last few traces open, so that panning a timeline does not open a file per picture, and
 * a long library does not run out of file descriptors.
 */
export class OpenReaders {
  readonly #open: (file: string) => Reader;
  readonly #limit: number;
  /** In order of use, the oldest first. */
  readonly #readers = new Map<string, Reader>();

  constructor(open: (file: string) => Reader, limit = 8) {
    this.#open = open;
    this.#limit = limit;
  }

  /** The open reader of a file; opens it when it is not. */
  get(file: string): Reader {
    const reader = this.#readers.get(file) ?? this.#open(file);
    this.#readers.delete(file);
    this.#readers.set(file, reader);
    while (this.#readers.size > this.#limit) {
      const [oldest] = this.#readers.keys();
      this.close(oldest as string);
    }
    return reader;
  }

  /** Closes a file, so that it can be renamed or removed. */
  close(file: string): void {
    this.#readers.get(file)?.close();
    this.#readers.delete(file);
  }

  closeAll(): void {
    for (const file of [...this.#readers.keys()]) this.close(file);
  }
}
