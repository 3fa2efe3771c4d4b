/** What the user asked for: ids of each axis, the fields that differ from their defaults, and what is varied. */
import {
  LabError,
  parseScenario,
  setField,
  toErrorData,
  type CatalogueRow,
  type LabErrorData,
  type OwnProfile,
  type Scenario,
  type ScenarioField,
  type WorkloadId,
} from '../../core/contract/index.ts';
import { NBSP, fixed, plural } from '../../core/figures/numbers.ts';
import { questionOf } from './questions.ts';

/** Text of each field that was changed, by its path. */
export type Values = Readonly<Record<string, string>>;

/** One field with several values: each is a variant of every pair. */
export interface Vary {
  readonly path: string;
  readonly values: readonly string[];
}

export interface Plan {
  /** Ids of strategies, hypervisors, SoCs and workloads; own profiles by their own ids. */
  readonly chosen: readonly string[];
  readonly values: Values;
  readonly vary: Vary | null;
  /** The question that filled it in, while it is still that. */
  readonly question: string | null;
}

/** Chosen in lists of their own. */
export const AXES = ['strategy', 'hypervisor', 'soc', 'workload'];
/** Always shown; the others are behind "all fields". */
export const MAIN_FIELDS = ['payloadBytes', 'requests', 'hostDma', 'seed'];

export function valueOf(values: Values, field: ScenarioField): string {
  return values[field.path] ?? String(field.def);
}

/** What is wrong with a field's text, in words, or an empty text. */
export function problemOf(field: ScenarioField, text: string): string {
  if (field.type === 'boolean') return /^(true|false)$/.test(text) ? '' : 'Give true or false.';
  if (field.type === 'choice') {
    return field.options.includes(text) ? '' : `Give one of ${field.options.join(', ')}.`;
  }
  const range = `${fixed(field.min ?? 0)} to ${fixed(field.max ?? 0)}`;
  const unit = field.unit === '' ? '' : NBSP + field.unit;
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) return `Give a number from ${range}${unit}.`;
  if (!Number.isInteger(value)) return `Give a whole number from ${range}${unit}.`;
  if (field.min !== null && value < field.min) {
    return `${fixed(value)} is below the least, ${fixed(field.min)}${unit}.`;
  }
  if (field.max !== null && value > field.max) {
    return `${fixed(value)} is above the most, ${fixed(field.max)}${unit}.`;
  }
  return '';
}

export interface Base {
  readonly scenario: Scenario | null;
  readonly error: LabErrorData | null;
}

/** The scenario that all pairs share. */
export function baseOf(values: Values, fields: readonly ScenarioField[]): Base {
  try {
    for (const field of fields) {
      const problem = problemOf(field, valueOf(values, field));
      if (problem !== '') throw new LabError('BAD_SCENARIO', problem, field.path, '');
    }
    const input: Record<string, unknown> = {};
    for (const [path, text] of Object.entries(values)) setField(input, path, text);
    return { scenario: parseScenario(input), error: null };
  } catch (thrown) {
    return { scenario: null, error: toErrorData(thrown) };
  }
}

/** Values that differ from the defaults, of a scenario's document; own profiles and recordings aside. */
export function valuesOf(
  scenario: Scenario,
  fields: readonly ScenarioField[],
): Record<string, string> {
  const values: Record<string, string> = {};
  for (const field of fields) {
    if (AXES.includes(field.path)) continue;
    const value = field.path
      .split('.')
      .reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], scenario);
    if (value !== field.def) values[field.path] = String(value);
  }
  return values;
}

/** Scenarios with the same key differ in no field but strategy, hypervisor, SoC and workload. */
export function keyOf(base: Scenario): string {
  const { strategy: _s, hypervisor: _h, soc: _c, workload: _w, ...rest } = base;
  return JSON.stringify(rest);
}

/** What pairs are judged and run with: scenarios that differ in the three ids of a pair alone. */
export interface Variant {
  /** As `unmapPolicy sync`; empty where nothing is varied. */
  readonly name: string;
  readonly workload: string;
  readonly base: Scenario;
  /** `keyOf` the base. */
  readonly key: string;
  /** Shipped id -> the id that is chosen and shown: another one for an own profile. */
  readonly hypervisors: ReadonlyMap<string, string>;
  readonly socs: ReadonlyMap<string, string>;
}

/**
 * Every base of a plan: one for each workload, value that is varied and own profile.
 * @throws LabError BAD_SCENARIO for a varied value that a scenario cannot have
 */
export function variantsOf(
  plan: Plan,
  base: Scenario,
  catalogue: Readonly<Record<'hypervisors' | 'socs' | 'workloads', readonly CatalogueRow[]>>,
  own: readonly OwnProfile[],
): Variant[] {
  const picked = (rows: readonly CatalogueRow[]) =>
    rows.map(({ id }) => id).filter((id) => plan.chosen.includes(id));
  const shipped = (rows: readonly CatalogueRow[]) => new Map(picked(rows).map((id) => [id, id]));
  /** The shipped ones together, and each of the user's own by itself. */
  const parts = (kind: 'soc' | 'hypervisor', rows: readonly CatalogueRow[]) => [
    { document: null, ids: shipped(rows) },
    ...own
      .filter((each) => each.kind === kind && plan.chosen.includes(each.id))
      .filter(({ document }) => document !== null)
      .map(({ id, base: of, document }) => ({ document, ids: new Map([[of, id]]) })),
  ];
  const workloads = picked(catalogue.workloads);
  return workloads.flatMap((workload) =>
    varied(plan.vary, base).flatMap(({ name, scenario }) =>
      parts('soc', catalogue.socs).flatMap((soc) =>
        parts('hypervisor', catalogue.hypervisors).flatMap((hypervisor): Variant[] => {
          if (soc.ids.size === 0 || hypervisor.ids.size === 0) return [];
          const own = { soc: soc.document, hypervisor: hypervisor.document };
          const whole: Scenario = {
            ...scenario,
            workload: workload as WorkloadId,
            profiles: own,
          };
          return [
            {
              name,
              workload,
              base: whole,
              key: keyOf(whole),
              hypervisors: hypervisor.ids,
              socs: soc.ids,
            },
          ];
        }),
      ),
    ),
  );
}

function varied(vary: Vary | null, base: Scenario): { name: string; scenario: Scenario }[] {
  if (vary === null || vary.values.length === 0) return [{ name: '', scenario: base }];
  return vary.values.map((value) => {
    const input = structuredClone(base) as unknown as Record<string, unknown>;
    setField(input, vary.path, value);
    const short = vary.path.slice(vary.path.lastIndexOf('.') + 1);
    return { name: `${short} ${value}`, scenario: parseScenario(input) };
  });
}

/** What people call a plan: the question, or what is compared with what. */
export function nameOfPlan(
  plan: Plan,
  base: Scenario,
  catalogue: Readonly<
    Record<'strategies' | 'hypervisors' | 'socs' | 'workloads', readonly CatalogueRow[]>
  >,
): string {
  const question = questionOf(plan.question);
  if (question !== undefined) return question.title;
  const { strategies, hypervisors, socs, workloads } = catalogue;
  const ids = new Set([...strategies, ...hypervisors, ...socs, ...workloads].map(({ id }) => id));
  const own = plan.chosen.filter((id) => !ids.has(id));
  const axis = (list: keyof typeof catalogue) => {
    const names = catalogue[list].map(({ id }) => id).filter((id) => plan.chosen.includes(id));
    return names.length > 2 ? `${fixed(names.length)} ${list}` : names.join(', ');
  };
  return [
    axis('strategies'),
    axis('hypervisors'),
    axis('socs'),
    ...own,
    axis('workloads'),
    describe(base),
  ]
    .filter((part) => part !== '')
    .join(' · ')
    .slice(0, 190);
}

/** A base in a few words: `4 096 B · 10 000 requests · seed 7`. */
export function describe(base: Scenario): string {
  const parts = [
    `${fixed(base.payloadBytes)}${NBSP}B`,
    plural(base.requests, 'request'),
    `seed ${base.seed}`,
  ];
  if (base.topology !== 'mediated') parts.unshift(base.topology);
  if (base.hostDma !== 'default') parts.push(`hostDma ${base.hostDma}`);
  if (base.arrival.kind !== 'saturate') parts.push(base.arrival.kind);
  return parts.join(' · ');
}
