/** The profile that is looked at, and the changes that are being made to a copy of it. */
import {
  toErrorData,
  type CatalogueRow,
  type LabErrorData,
  type OwnProfile,
} from '../../core/contract/index.ts';
import type { Lab } from '../app/lab.svelte.ts';
import type { Experiment } from './experiment.svelte.ts';
import {
  baseRows,
  copyOf,
  documentOf,
  draftOf,
  problemOfChange,
  type Change,
  type Draft,
  type ProfileKind,
} from './profile-rows.ts';

/** The same for drafts that say the same, in whatever order. */
const textOf = ({ changes, ...rest }: Draft) =>
  JSON.stringify([rest, Object.entries(changes).sort(([a], [b]) => (a < b ? -1 : 1))]);

export class Profiles {
  /** Id of the profile that is shown. */
  shown = $state('cortex-a72');
  draft = $state.raw<Draft | null>(null);
  /** The draft as it is on the disk; null for a copy that was never saved. */
  saved = $state.raw<OwnProfile | null>(null);
  error = $state.raw<LabErrorData | null>(null);
  readonly #experiment: Experiment;
  readonly #lab: Lab;

  constructor(experiment: Experiment, lab: Lab) {
    this.#experiment = experiment;
    this.#lab = lab;
  }

  /** The shipped profile that is shown, or that the draft was made from. */
  readonly base = $derived.by((): { row: CatalogueRow; kind: ProfileKind } | null => {
    const id = this.draft?.base ?? this.shown;
    const { socs, hypervisors } = this.#experiment;
    const soc = socs.find((each) => each.id === id);
    if (soc !== undefined) return { row: soc, kind: 'soc' };
    const hypervisor = hypervisors.find((each) => each.id === id);
    return hypervisor === undefined ? null : { row: hypervisor, kind: 'hypervisor' };
  });
  readonly rows = $derived(this.base === null ? [] : baseRows(this.base.row, this.base.kind));
  readonly changed = $derived(
    this.draft !== null &&
      (this.saved === null || textOf(this.draft) !== textOf(draftOf(this.saved))),
  );
  readonly problem = $derived(
    Object.entries(this.draft?.changes ?? {})
      .map(([name, change]) => ({ name, text: problemOfChange(change) }))
      .find(({ text }) => text !== '') ?? null,
  );

  show(id: string): void {
    this.error = null;
    this.shown = id;
    const own = this.#experiment.own.find((each) => each.id === id);
    this.saved = own ?? null;
    this.draft = own === undefined || own.document === null ? null : draftOf(own);
  }

  /** Begins a copy of the shipped profile that is shown. */
  copy(): void {
    if (this.base === null) return;
    const taken = this.#experiment.own.map(({ id }) => id);
    this.saved = null;
    this.draft = copyOf(this.base.row, this.base.kind, taken);
  }

  edit(change: Partial<Pick<Draft, 'id' | 'name' | 'summary'>>): void {
    if (this.draft !== null) this.draft = { ...this.draft, ...change };
  }

  /** Changes a number; one that is as in the base, with nothing else said, is no change. */
  set(row: string, change: Change | null): void {
    if (this.draft === null) return;
    const { [row]: _, ...others } = this.draft.changes;
    this.draft = {
      ...this.draft,
      changes: change === null ? others : { ...this.draft.changes, [row]: change },
    };
  }

  async save(): Promise<boolean> {
    if (this.draft === null) return false;
    return await this.#write(documentOf(this.draft));
  }

  /** Takes in a document that somebody else wrote. */
  async take(text: string): Promise<boolean> {
    let document: unknown;
    try {
      document = JSON.parse(text);
    } catch {
      document = null;
    }
    if (typeof document !== 'object' || document === null || Array.isArray(document)) {
      const remedy = 'choose a profile’s JSON file';
      this.error = { code: 'BAD_PROFILE', what: 'this is no JSON document', where: '', remedy };
      return false;
    }
    return await this.#write(document as Record<string, unknown>);
  }

  async #write(document: Record<string, unknown>): Promise<boolean> {
    try {
      const saved = await this.#lab.call('profile.save', { document });
      const before = this.saved;
      // Under a new id it is another file; the old one goes.
      if (before !== null && before.id !== saved.id && this.draft?.id === saved.id) {
        await this.#lab.call('profile.remove', { id: before.id });
      }
      await this.#experiment.loadProfiles();
      this.show(saved.id);
      return true;
    } catch (thrown) {
      this.error = toErrorData(thrown);
      return false;
    }
  }

  /** Forgets the changes that were not saved. */
  discard(): void {
    this.show(this.saved?.id ?? this.draft?.base ?? this.shown);
  }

  /** Removes the profile that is shown; undo brings one back that could be read. */
  async remove(): Promise<boolean> {
    const { saved } = this;
    if (saved === null) return false;
    const { id, document } = saved;
    const remove = async () => {
      await this.#lab.call('profile.remove', { id });
      await this.#experiment.loadProfiles();
      this.show(saved.base === '' ? 'cortex-a72' : saved.base);
    };
    try {
      await remove();
    } catch (thrown) {
      this.error = toErrorData(thrown);
      return false;
    }
    if (this.#experiment.plan.chosen.includes(id)) this.#experiment.choose([id], false);
    if (document !== null) {
      const undo = async () => {
        await this.#lab.call('profile.save', { document });
        await this.#experiment.loadProfiles();
        this.show(id);
      };
      this.#experiment.history.did({ what: `profile ${id} removed`, undo, redo: remove });
    }
    return true;
  }
}
