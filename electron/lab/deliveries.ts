/** Finished files that wait for a host to hand them to the user. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { LabError, type Delivery } from '../../core/contract/index.ts';

const ID = /^[0-9a-f]{32}$/;

/**
 * The lab puts each file alone into a folder named by an id that nobody can guess; the host takes it
 * from there by that id. So the page names no path, neither to write nor to read.
 */
export class Deliveries {
  readonly folder: string;
  readonly #taken = new Set<string>();

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

  /** The file with this id, for the one who asks first; undefined where there is none. */
  take(id: string): string | undefined {
    if (!ID.test(id) || this.#taken.has(id)) return undefined;
    this.#taken.add(id);
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

/**
 * Has a file written and leaves it for the host; when that fails nothing is left.
 *
 * @param deliveries null where the host takes none
 * @param remedy what a user of such a host can do instead
 * @param write returns how many events the file has
 */
export async function deliver(
  deliveries: Deliveries | null,
  name: string,
  remedy: string,
  write: (file: string) => Promise<number>,
): Promise<Delivery> {
  if (deliveries === null) {
    throw new LabError('BAD_USAGE', 'this host hands out no files', name, remedy);
  }
  const { id, file } = deliveries.place(name);
  try {
    const events = await write(file);
    return { delivery: id, name, bytes: statSync(file).size, events };
  } catch (thrown) {
    deliveries.remove(id);
    throw thrown;
  }
}
