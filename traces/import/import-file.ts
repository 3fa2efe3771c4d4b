/** A recording that is read from place to place instead of from front to back. */
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';

export class ImportFile {
  /** What to read: the recording itself, or its bytes decompressed. */
  readonly path: string;
  readonly #scratch: string | null;
  #copy: number | null = null;

  /** @param scratch a file to make for what is fed; null to read `path` itself */
  constructor(path: string, scratch: string | null) {
    this.path = scratch ?? path;
    this.#scratch = scratch;
  }

  feed(chunk: Buffer): void {
    if (this.#scratch === null) return;
    this.#copy ??= openSync(this.#scratch, 'w');
    for (let done = 0; done < chunk.length;) done += writeSync(this.#copy, chunk, done);
  }

  /** Removes the scratch file. */
  close(): void {
    if (this.#copy !== null) closeSync(this.#copy);
    this.#copy = null;
    if (this.#scratch !== null) rmSync(this.#scratch, { force: true });
  }
}
