import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Names that the user gave to traces. They are kept beside the traces, in `names.json`, because a
 * finished trace is never written to again: its bytes stay what they were when it was recorded.
 */
export class DisplayNames {
  readonly #file: string;
  #names: Map<string, string>;

  constructor(file: string) {
    this.#file = file;
    this.#names = new Map(load(file));
  }

  get(trace: string): string | undefined {
    return this.#names.get(trace);
  }

  set(trace: string, name: string): void {
    this.#reload();
    this.#names.set(trace, name);
    this.#save();
  }

  remove(trace: string): void {
    this.#reload();
    if (this.#names.delete(trace)) this.#save();
  }

  /** Another lab on the same library may have named something since. */
  #reload(): void {
    this.#names = new Map(load(this.#file));
  }

  /** A crash in the middle leaves the old file or the new one, never half of one. */
  #save(): void {
    const temporary = `${this.#file}.new`;
    mkdirSync(path.dirname(this.#file), { recursive: true });
    writeFileSync(temporary, JSON.stringify(Object.fromEntries(this.#names), null, 2), {
      flush: true,
    });
    renameSync(temporary, this.#file);
  }
}

/** Names are a convenience: a missing or broken file means that there are none. */
function load(file: string): [string, string][] {
  try {
    const document: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof document !== 'object' || document === null) return [];
    return Object.entries(document).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    );
  } catch {
    return [];
  }
}
