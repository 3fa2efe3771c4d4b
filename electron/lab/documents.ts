/** JSON documents of the user's, a file each in one folder of the library. */
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { LabError, toErrorData, type LabErrorData } from '../../core/contract/index.ts';
import { slugOf } from './file-names.ts';
import { readJson, writeJson } from './json-file.ts';

const EXTENSION = '.json';

/** One document, or what is wrong with its file. */
export interface Saved<T> {
  /** Name of the file without its extension. */
  readonly id: string;
  readonly file: string;
  /** ISO 8601. */
  readonly changedAt: string;
  readonly document: T | null;
  readonly problem: LabErrorData | null;
}

export class Documents<T> {
  readonly #folder: string;
  readonly #parse: (document: unknown, where: string) => T;

  /** @param parse checks a document; throws a LabError that names what is wrong */
  constructor(folder: string, parse: (document: unknown, where: string) => T) {
    this.#folder = folder;
    this.#parse = parse;
  }

  /** All of them, those changed last first. */
  list(): Saved<T>[] {
    if (!existsSync(this.#folder)) return [];
    return readdirSync(this.#folder)
      .filter((name) => name.endsWith(EXTENSION))
      .map((name) => this.#read(path.join(this.#folder, name)))
      .sort((a, b) => b.changedAt.localeCompare(a.changedAt) || a.id.localeCompare(b.id));
  }

  /**
   * Writes a document. A crash in the middle leaves the old file or the new one, never half of one.
   * @param id the one to write over, or null for a new one named after `title`
   * @throws LabError NOT_FOUND, UNWRITABLE, or what `parse` throws
   */
  save(id: string | null, title: string, document: unknown): Saved<T> {
    this.#parse(document, title);
    const file = id === null ? this.#free(slugOf(title)) : this.#fileOf(id);
    writeJson(file, document);
    return this.#read(file);
  }

  /** @throws LabError NOT_FOUND */
  remove(id: string): void {
    rmSync(this.#fileOf(id), { force: true });
  }

  /** Only what is in the folder can be named. */
  #fileOf(id: string): string {
    const file = path.join(this.#folder, id + EXTENSION);
    if (path.dirname(file) === path.resolve(this.#folder) && existsSync(file)) return file;
    throw new LabError('NOT_FOUND', 'there is no such document', id, 'choose one of the list');
  }

  #free(slug: string): string {
    for (let number = 1; ; number++) {
      const name = number === 1 ? slug : `${slug}-${number}`;
      const file = path.join(this.#folder, name + EXTENSION);
      if (!existsSync(file)) return file;
    }
  }

  #read(file: string): Saved<T> {
    const base = {
      id: path.basename(file, EXTENSION),
      file,
      changedAt: statSync(file).mtime.toISOString(),
    };
    try {
      const document = this.#parse(readJson(file), path.basename(file));
      return { ...base, document, problem: null };
    } catch (thrown) {
      return { ...base, document: null, problem: toErrorData(thrown) };
    }
  }
}
