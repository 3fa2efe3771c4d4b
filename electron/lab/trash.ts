/**
 * Removed traces and studies. Each lies in a folder of its own below `trash`, with `removed.json` beside
 * it that says when it was removed and what it was called. Nothing is overwritten on the way in or out.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { LabError, TRASH_DAYS, type TrashItem } from '../../core/contract/index.ts';
import { NOTES_SUFFIX, stampOf, TRACE_EXTENSION } from './file-names.ts';

const DAY_MS = 24 * 3600 * 1000;
const RECORD = 'removed.json';

export class Trash {
  readonly #folder: string;

  constructor(home: string) {
    this.#folder = path.join(home, 'trash');
  }

  /**
   * Moves a trace here, or the folder of a study.
   * @throws LabError UNWRITABLE, with all left where it was
   */
  put(file: string, name: string, now: Date): TrashItem {
    try {
      const folder = this.#freeFolder(stampOf(now));
      writeFileSync(
        path.join(folder, RECORD),
        JSON.stringify({ name, removedAt: now.toISOString() }),
      );
      const gone = path.join(folder, path.basename(file));
      renameSync(file, gone);
      moveNotes(file, gone);
      return this.#item(path.basename(folder));
    } catch (error) {
      throw new LabError(
        'UNWRITABLE',
        `this cannot be moved to the trash (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`,
        file,
        'see that the library folder can be written to',
      );
    }
  }

  /** The latest removal first. */
  list(): TrashItem[] {
    return this.#ids()
      .map((id) => this.#item(id))
      .sort((a, b) => b.removedAt.localeCompare(a.removedAt) || b.id.localeCompare(a.id));
  }

  /**
   * Moves a trace or study out.
   * @param place gives the file or folder it becomes, from the name it had
   * @throws LabError NOT_FOUND
   */
  take(
    id: string,
    kind: TrashItem['kind'],
    place: (slug: string) => string,
  ): { file: string; name: string } {
    if (!this.#ids().includes(id) || this.#item(id).kind !== kind) {
      throw new LabError('NOT_FOUND', 'this is not in the trash', id, 'it may be back already');
    }
    const { name } = this.#item(id);
    const from = this.#contentOf(id) as string;
    const file = place(path.basename(from, TRACE_EXTENSION));
    renameSync(from, file);
    moveNotes(from, file);
    rmSync(path.join(this.#folder, id), { recursive: true, force: true });
    return { file, name };
  }

  /** Deletes everything that was removed before `before`; all of it when that is left out. */
  empty(before?: Date): number {
    const items = this.list().filter(
      (item) => before === undefined || item.removedAt < before.toISOString(),
    );
    for (const { id } of items) rmSync(path.join(this.#folder, id), { recursive: true });
    return items.length;
  }

  /** Deletes what has been here for longer than removed traces are kept. */
  expire(now: Date): number {
    return this.empty(new Date(now.getTime() - TRASH_DAYS * DAY_MS));
  }

  #freeFolder(stamp: string): string {
    for (let number = 1; ; number++) {
      const folder = path.join(this.#folder, number === 1 ? stamp : `${stamp}-${number}`);
      if (existsSync(folder)) continue;
      mkdirSync(folder, { recursive: true });
      return folder;
    }
  }

  #ids(): string[] {
    if (!existsSync(this.#folder)) return [];
    return readdirSync(this.#folder).filter((id) => this.#contentOf(id) !== undefined);
  }

  /** The trace, or the folder of a study. */
  #contentOf(id: string): string | undefined {
    const folder = path.join(this.#folder, id);
    if (!statSync(folder).isDirectory()) return undefined;
    const found = readdirSync(folder, { withFileTypes: true }).find(
      (each) => each.isDirectory() || each.name.endsWith(TRACE_EXTENSION),
    );
    return found === undefined ? undefined : path.join(folder, found.name);
  }

  #item(id: string): TrashItem {
    const file = this.#contentOf(id) as string;
    const stats = statSync(file);
    const kind = stats.isDirectory() ? 'study' : 'trace';
    let name = path.basename(file, TRACE_EXTENSION);
    let removedAt = stats.ctime.toISOString();
    try {
      const record = JSON.parse(readFileSync(path.join(this.#folder, id, RECORD), 'utf8')) as {
        name?: unknown;
        removedAt?: unknown;
      };
      if (typeof record.name === 'string') name = record.name;
      if (typeof record.removedAt === 'string') removedAt = record.removedAt;
    } catch {
      // Without its record it has the name of its file, and the time of its move.
    }
    return { id, kind, name, sizeBytes: sizeOf(file), removedAt };
  }
}

/** Bytes of a file, or of all files in a folder. */
function sizeOf(place: string): number {
  const stats = statSync(place);
  if (!stats.isDirectory()) return stats.size;
  return readdirSync(place).reduce((sum, name) => sum + sizeOf(path.join(place, name)), 0);
}

/** The notes on a trace go where it goes. */
function moveNotes(from: string, to: string): void {
  if (existsSync(from + NOTES_SUFFIX)) renameSync(from + NOTES_SUFFIX, to + NOTES_SUFFIX);
}
