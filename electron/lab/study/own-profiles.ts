/** The user's own profiles: JSON files of the library, the same that `--soc FILE.json` takes. */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { LabError, toErrorData, type OwnProfile } from '../../../core/contract/index.ts';
import { profileHash } from '../../../core/machine/index.ts';
import { applyHypervisor, applySoc, parseProfile } from '../../../core/machine/override.ts';
import { writeJson } from '../json-file.ts';

const EXTENSION = '.json';

export class OwnProfiles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  list(): OwnProfile[] {
    if (!existsSync(this.#folder)) return [];
    return readdirSync(this.#folder)
      .filter((name) => name.endsWith(EXTENSION))
      .sort()
      .map((name) => this.#read(path.join(this.#folder, name)));
  }

  /** @throws LabError BAD_PROFILE naming the first wrong field, UNWRITABLE */
  save(document: Readonly<Record<string, unknown>>): OwnProfile {
    const { id } = parseProfile(document);
    const file = path.join(this.#folder, id + EXTENSION);
    writeJson(file, document);
    return this.#read(file);
  }

  /** @throws LabError NOT_FOUND */
  remove(id: string): void {
    const found = this.list().find((each) => each.id === id);
    if (found === undefined) {
      throw new LabError('NOT_FOUND', 'there is no such profile', id, 'list the profiles again');
    }
    rmSync(found.file, { force: true });
  }

  #read(file: string): OwnProfile {
    const none = { kind: 'soc' as const, base: '', document: null, hash: '', file };
    const name = path.basename(file, EXTENSION);
    try {
      const document = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
      const parsed = parseProfile(document, path.basename(file));
      const built = parsed.kind === 'soc' ? applySoc(parsed) : applyHypervisor(parsed);
      const { id, kind, base } = parsed;
      return {
        ...none,
        id,
        kind,
        base,
        name: parsed.name,
        document,
        hash: profileHash(built),
        problem: null,
      };
    } catch (thrown) {
      const problem =
        thrown instanceof SyntaxError
          ? new LabError('BAD_PROFILE', 'this is no JSON', path.basename(file), 'mend or remove it')
              .data
          : toErrorData(thrown);
      return { ...none, id: name, name, problem };
    }
  }
}
