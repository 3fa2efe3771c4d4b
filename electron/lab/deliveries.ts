/** Finished files that wait for a host to hand them to the user. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const ID = /^[0-9a-f]{32}$/;

/**
 * The lab puts each file alone into a folder named by an id that nobody can guess; the host takes it
 * from there by that id. So the page names no path, neither to write nor to read.
 */
export class Deliveries {
  readonly folder: string;

  /** @param folder where they wait; a new one unless given */
  constructor(folder = mkdtempSync(path.join(os.tmpdir(), 'mapcopy-files-'))) {
    this.folder = folder;
  }

  /** A place for a file that is about to be written. */
  place(name: string): { readonly id: string; readonly file: string } {
    const id = randomBytes(16).toString('hex');
    mkdirSync(path.join(this.folder, id), { mode: 0o700, recursive: true });
    return { id, file: path.join(this.folder, id, name) };
  }

  /** The file with this id; undefined where there is none. */
  find(id: string): string | undefined {
    if (!ID.test(id)) return undefined;
    const folder = path.join(this.folder, id);
    try {
      const [name] = readdirSync(folder);
      return name === undefined ? undefined : path.join(folder, name);
    } catch {
      return undefined;
    }
  }

  remove(id: string): void {
    if (ID.test(id)) rmSync(path.join(this.folder, id), { recursive: true, force: true });
  }

  /** Removes what nobody fetched. */
  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
