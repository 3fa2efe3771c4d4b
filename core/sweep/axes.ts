/** What a plan varies: fields, named variants, seeds. */
import { canonicalJson } from '../engine/fingerprint.ts';
import { fieldsOf, type Scenario } from '../contract/scenario.ts';
import { changeOf, fieldsSet, withChange, type Change } from './change.ts';
import { badPlan, meant } from './issues.ts';

/** A value on an axis: of the field, the seed, or a variant's name. */
export type AxisValue = string | number | boolean;

export interface Axis {
  /** Path of the field, `seed`, or the name of an axis of variants. */
  readonly name: string;
  readonly kind: 'field' | 'variants' | 'seeds';
  readonly values: readonly AxisValue[];
  /** What each value changes in the base. */
  readonly changes: readonly Change[];
}

/** Runs that a plan leaves out: those that have one of the values on each of the axes. */
export type Exclusion = ReadonlyMap<string, readonly AxisValue[]>;

/** What the document says of its axes. */
export interface AxisParts {
  readonly base: Scenario;
  readonly fields: Readonly<Record<string, readonly AxisValue[]>>;
  readonly variants: Readonly<Record<string, Readonly<Record<string, Change>>>>;
  readonly seeds: readonly number[] | undefined;
}

/**
 * The axes of a plan. No two of them touch the same field, and no two values of one mean the same
 * scenario, so no two combinations do.
 *
 * @throws LabError BAD_PLAN
 */
export function resolveAxes({ base, fields, variants, seeds }: AxisParts, where: string): Axis[] {
  const axes: Axis[] = [];
  for (const [name, values] of Object.entries(fields)) {
    axes.push({ name, kind: 'field', values, changes: values.map((each) => changeOf(name, each)) });
  }
  for (const [name, changes] of Object.entries(variants)) {
    if (name === 'seed' || fieldsOf().some((field) => field.path === name)) {
      const at = `${where}: variants.${name}`;
      throw badPlan(`${name} is a field of the scenario`, at, 'give the axis another name');
    }
    const values = Object.keys(changes);
    if (values.length === 0) {
      throw badPlan(
        'the axis has no variant',
        `${where}: variants.${name}`,
        'add one, as {"a": {}}',
      );
    }
    axes.push({ name, kind: 'variants', values, changes: Object.values(changes) });
  }
  if (seeds !== undefined) {
    const changes = seeds.map((seed) => ({ seed }));
    axes.push({ name: 'seed', kind: 'seeds', values: seeds, changes });
  }
  for (const axis of axes) checkDistinct(base, axis, where);
  checkApart(base, axes, where);
  return axes;
}

const placeOf = ({ name, kind }: Axis, where: string) =>
  `${where}: ${kind === 'seeds' ? 'seeds' : kind === 'field' ? `axes.${name}` : `variants.${name}`}`;

function checkDistinct(base: Scenario, axis: Axis, where: string): void {
  const seen = new Map<string, AxisValue>();
  axis.changes.forEach((change, i) => {
    const value = axis.values[i] as AxisValue;
    const key = axis.kind === 'variants' ? canonicalJson(withChange(base, change)) : String(value);
    const twin = seen.get(key);
    if (twin !== undefined) {
      const what =
        twin === value ? `${value} is there twice` : `${twin} and ${value} are the same scenario`;
      throw badPlan(what, placeOf(axis, where), 'keep one of the two');
    }
    seen.set(key, value);
  });
}

/** Fields that a change decides; a profile of the user's decides which one is used. */
function decided(change: Change): string[] {
  return fieldsSet(change).map((path) => path.replace(/^profiles\./, ''));
}

function checkApart(base: Scenario, axes: readonly Axis[], where: string): void {
  const owner = new Map<string, Axis>();
  for (const axis of axes) {
    for (const field of new Set(axis.changes.flatMap(decided))) {
      const other = owner.get(field);
      if (other !== undefined) {
        throw badPlan(
          `two axes change ${field}: ${other.name} and ${axis.name}`,
          placeOf(axis, where),
          'let one axis alone change a field',
        );
      }
      owner.set(field, axis);
    }
    const { name } = axis;
    if ((name === 'soc' || name === 'hypervisor') && base.profiles[name] !== null) {
      throw badPlan(
        `the base has a profile of its own in place of every ${name}`,
        placeOf(axis, where),
        `remove base.profiles.${name}, or vary the profile under variants`,
      );
    }
  }
}

type ExcludeEntry = Readonly<Record<string, AxisValue | readonly AxisValue[]>>;

/** @throws LabError BAD_PLAN for an axis or a value that the plan does not have */
export function exclusionsOf(
  entries: readonly ExcludeEntry[],
  axes: readonly Axis[],
  where: string,
): Exclusion[] {
  return entries.map((entry, i) => {
    const exclusion = new Map<string, readonly AxisValue[]>();
    for (const [name, given] of Object.entries(entry)) {
      const at = `${where}: exclude[${i}].${name}`;
      const axis = axes.find((each) => each.name === name);
      if (axis === undefined) {
        const names = axes.map((each) => each.name);
        const remedy = `${meant(name, names)}the axes are ${names.join(', ')}`;
        throw badPlan(`${name} is no axis of this plan`, at, remedy);
      }
      const values = (Array.isArray(given) ? given : [given]) as readonly AxisValue[];
      for (const value of values) {
        if (axis.values.includes(value)) continue;
        const close = meant(String(value), axis.values.map(String));
        const remedy = `${close}its values are ${axis.values.slice(0, 30).join(', ')}`;
        throw badPlan(`${name} is never ${JSON.stringify(value)} in this plan`, at, remedy);
      }
      exclusion.set(name, values);
    }
    return exclusion;
  });
}
