/** A profile as rows that can be read and changed, and the document that the changes make. */
import type { CatalogueRow, OwnProfile } from '../../core/contract/index.ts';

export type ProfileKind = 'soc' | 'hypervisor';

/** One number of a shipped profile, with its provenance. */
export interface BaseRow {
  /** As `copyColdRate`, `engine.rate`, `arm.hypercall`; with a machine in front where it holds there alone. */
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly low: number;
  readonly high: number;
  readonly tag: string;
  readonly source: string;
  /** What holds on one machine alone cannot be changed by itself. */
  readonly fixed: boolean;
}

/** A change as it is typed: texts, empty where nothing is given. */
export interface Change {
  readonly value: string;
  readonly low: string;
  readonly high: string;
  readonly source: string;
}

export interface Draft {
  readonly id: string;
  readonly name: string;
  readonly summary: string;
  readonly kind: ProfileKind;
  readonly base: string;
  readonly changes: Readonly<Record<string, Change>>;
  /** Parts of the document that the table does not show, as they were. */
  readonly rest: Readonly<Record<string, unknown>>;
}

/** What each tag of a source says. */
export const TAG_WORDS: Readonly<Record<string, string>> = {
  S: 'seen in the source',
  'S-abs': 'seen in an abstract or quotation',
  D: 'derived from a source',
  R: 'remembered, not seen',
  assumption: 'an assumption',
  user: 'your own',
};

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const child = (value: unknown, name: string): Json => {
  const found = isObject(value) ? value[name] : undefined;
  return isObject(found) ? found : {};
};

function rowsOf(quantities: Json, prefix: string, fixed: boolean): BaseRow[] {
  return Object.entries(quantities).flatMap(([name, each]): BaseRow[] => {
    if (!isObject(each) || typeof each['value'] !== 'number') return [];
    const { value, unit, low, high, tag, source } = each as unknown as Omit<
      BaseRow,
      'name' | 'fixed'
    >;
    return [{ name: prefix + name, value, unit, low, high, tag, source, fixed }];
  });
}

/** Every number of a shipped profile, from its row of the catalogue. */
export function baseRows(profile: CatalogueRow, kind: ProfileKind): BaseRow[] {
  if (kind === 'soc') {
    return [
      ...rowsOf(child(profile, 'quantities'), '', false),
      ...rowsOf(child(profile, 'engine'), 'engine.', false),
    ];
  }
  const parts = (name: 'costs' | 'onSoc', fixed: boolean) =>
    Object.entries(child(profile, name)).flatMap(([where, costs]) =>
      rowsOf(isObject(costs) ? costs : {}, `${where}.`, fixed),
    );
  return [...parts('costs', false), ...parts('onSoc', true)];
}

/** A draft of a copy in which nothing is changed yet. */
export function copyOf(profile: CatalogueRow, kind: ProfileKind, taken: readonly string[]): Draft {
  const base = profile.id;
  let id = `my-${base}`;
  for (let number = 2; taken.includes(id); number++) id = `my-${base}-${number}`;
  return { id, name: `My ${profile.name}`, summary: '', kind, base, changes: {}, rest: {} };
}

/** A saved profile as a draft. */
export function draftOf({ document, kind }: Pick<OwnProfile, 'document' | 'kind'>): Draft {
  const doc = document ?? {};
  const text = (name: string) => (typeof doc[name] === 'string' ? doc[name] : '');
  const flat: [string, unknown][] =
    kind === 'soc'
      ? [
          ...Object.entries(child(doc, 'quantities')),
          ...Object.entries(child(doc, 'engine'))
            .filter(([name]) => name !== 'name')
            .map(([name, each]): [string, unknown] => [`engine.${name}`, each]),
        ]
      : Object.entries(child(doc, 'costs')).flatMap(([arch, costs]) =>
          Object.entries(isObject(costs) ? costs : {}).map(([name, each]): [string, unknown] => [
            `${arch}.${name}`,
            each,
          ]),
        );
  const shown = ['format', 'id', 'name', 'summary', 'kind', 'base', 'quantities', 'costs'];
  const rest = Object.fromEntries(Object.entries(doc).filter(([name]) => !shown.includes(name)));
  return {
    id: text('id'),
    name: text('name'),
    summary: text('summary'),
    kind,
    base: text('base'),
    changes: Object.fromEntries(flat.map(([name, each]) => [name, changeOf(each)])),
    rest,
  };
}

function changeOf(given: unknown): Change {
  if (!isObject(given)) return { value: String(given), low: '', high: '', source: '' };
  const text = (name: string) => {
    const part = given[name];
    return typeof part === 'string' || typeof part === 'number' ? String(part) : '';
  };
  return { value: text('value'), low: text('low'), high: text('high'), source: text('source') };
}

/** What is wrong with a change, in words; empty when nothing is. */
export function problemOfChange({ value, low, high }: Change): string {
  const bad = [value, low, high].find(
    (each) => each.trim() !== '' && !Number.isFinite(Number(each)),
  );
  if (bad !== undefined) return `${bad} is no number`;
  if (value.trim() === '') return 'Give a value.';
  if (low.trim() !== '' && Number(low) > Number(value)) return 'The least is above the value.';
  if (high.trim() !== '' && Number(high) < Number(value)) return 'The most is below the value.';
  return '';
}

/** The JSON document of a draft: what `--soc FILE.json` and `--hypervisor FILE.json` take. */
export function documentOf(draft: Draft): Record<string, unknown> {
  const { id, name, summary, kind, base, changes, rest } = draft;
  const given = Object.entries(changes).map(([row, { value, low, high, source }]) => {
    const parts = {
      ...(low.trim() === '' ? {} : { low: Number(low) }),
      ...(high.trim() === '' ? {} : { high: Number(high) }),
      ...(source.trim() === '' ? {} : { source: source.trim() }),
    };
    const plain = Object.keys(parts).length === 0;
    return [row, plain ? Number(value) : { value: Number(value), ...parts }] as const;
  });
  const under = (prefix: string) =>
    Object.fromEntries(
      given
        .filter(([row]) => row.startsWith(prefix))
        .map(([row, each]) => [row.slice(prefix.length), each]),
    );
  const head = { format: 1, kind, id, base, name, ...(summary === '' ? {} : { summary }) };
  if (kind === 'hypervisor') {
    const costs = Object.fromEntries(
      (['x86', 'arm'] as const)
        .map((arch) => [arch, under(`${arch}.`)] as const)
        .filter(([, some]) => Object.keys(some).length > 0),
    );
    return { ...rest, ...head, costs };
  }
  const quantities = Object.fromEntries(given.filter(([row]) => !row.startsWith('engine.')));
  const engine = under('engine.');
  const { engine: before, ...others } = rest;
  const named =
    isObject(before) && typeof before['name'] === 'string' ? { name: before['name'] } : {};
  // Null says that there is no engine; it stays so unless one of its numbers is given.
  const whole =
    Object.keys(engine).length > 0 || Object.keys(named).length > 0
      ? { engine: { ...named, ...engine } }
      : before === null
        ? { engine: null }
        : {};
  return { ...others, ...head, quantities, ...whole };
}
