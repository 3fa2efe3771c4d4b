/**
 * A plan of a parameter study: one JSON document that says which scenarios are to be run. Every
 * combination of the axes' values is a run, once for each seed.
 */
import * as v from 'valibot';
import { toJsonSchema } from '@valibot/to-json-schema';
import { fieldsOf, ScenarioSchema, type Scenario } from '../contract/scenario.ts';
import { parseProfile } from '../machine/override.ts';
import { exclusionsOf, resolveAxes, type Axis, type AxisValue, type Exclusion } from './axes.ts';
import { withChange, type Change } from './change.ts';
import { badPlan, explainPlan } from './issues.ts';

/** More runs than this are many plans, not one. */
export const RUNS_MAX = 1_000_000;
const SEED_MAX = 4_294_967_295;

const seed = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(SEED_MAX));
const value = v.union([v.string(), v.number(), v.boolean()]);
const named = <const T extends v.GenericSchema>(each: T) =>
  v.record(
    v.pipe(
      v.string(),
      v.regex(/^[A-Za-z][\w-]{0,63}$/, 'expected a name: letters, digits, _ and -'),
    ),
    each,
  );

/** Lists of values, one for each field that may be varied by its path. */
function axisEntries(): Record<string, v.GenericSchema<unknown[] | undefined>> {
  return Object.fromEntries(
    fieldsOf().map(({ path, doc }) => [
      path,
      v.optional(
        v.pipe(v.array(schemaAt(path)), v.minLength(1, 'the list is empty'), v.description(doc)),
      ),
    ]),
  );
}

/** The schema of one field of a scenario, without its default. */
function schemaAt(path: string): v.GenericSchema {
  let at: unknown = ScenarioSchema;
  for (const name of path.split('.')) {
    at = (at as { readonly entries: Readonly<Record<string, unknown>> }).entries[name];
    while ((at as { readonly type: string }).type === 'optional') {
      at = (at as { readonly wrapped: unknown }).wrapped;
    }
  }
  return at as v.GenericSchema;
}

/** Schema of a plan as a user writes it. */
export const PlanSchema = v.strictObject({
  format: v.optional(v.pipe(v.literal(1), v.description('Version of this document.')), 1),
  name: v.optional(
    v.pipe(v.string(), v.maxLength(200), v.description('What people call the study.')),
    '',
  ),
  base: v.optional(ScenarioSchema, {}),
  axes: v.optional(
    v.pipe(
      v.strictObject(axisEntries()),
      v.description('Field of the scenario -> list of its values; every combination is run.'),
    ),
    {},
  ),
  variants: v.optional(
    v.pipe(
      named(v.pipe(named(ScenarioSchema), v.description('Name -> what differs from the base.'))),
      v.description('Axes whose values are named parts of a scenario instead of one field each.'),
    ),
    {},
  ),
  seeds: v.optional(
    v.pipe(
      v.union([
        v.pipe(v.array(seed), v.minLength(1, 'the list is empty')),
        v.strictObject({
          from: seed,
          count: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(RUNS_MAX)),
        }),
      ]),
      v.description('Seeds: a list, or {from, count}. Without, the base’s alone.'),
    ),
  ),
  exclude: v.optional(
    v.pipe(
      v.array(
        v.pipe(
          v.record(v.string(), v.union([value, v.pipe(v.array(value), v.minLength(1))])),
          v.minEntries(1, 'this entry would exclude every run'),
        ),
      ),
      v.description(
        'Combinations that are not run: axis -> value or list of values. All of an entry must fit.',
      ),
    ),
    [],
  ),
  record: v.optional(
    v.pipe(
      v.picklist(['none', 'all']),
      v.description('none: a row for each run; all: a trace for each run as well.'),
    ),
    'none',
  ),
});

/** A plan whose every part has been checked. */
export interface Plan {
  readonly name: string;
  readonly base: Scenario;
  /** In the order of the document, variants after fields, seeds last. The last varies fastest. */
  readonly axes: readonly Axis[];
  readonly exclusions: readonly Exclusion[];
  readonly record: 'none' | 'all';
  /** Combinations, excluded ones among them. */
  readonly combinations: number;
}

/** The published JSON schema of a plan. */
export function planJsonSchema(): object {
  return toJsonSchema(PlanSchema, { errorMode: 'ignore', typeMode: 'input' });
}

/**
 * Checks a plan, to the last value.
 *
 * @param where file that it came from, for messages
 * @throws LabError BAD_PLAN, BAD_SCENARIO, BAD_PROFILE or UNKNOWN_ID, naming file and field
 */
export function parsePlan(document: unknown, where = 'plan'): Plan {
  for (const part of ['base', 'axes', 'variants'] as const) {
    // To the schema a list is an object without fields.
    if (!Array.isArray((document as Partial<Record<typeof part, unknown>> | null)?.[part]))
      continue;
    throw badPlan('this is a list, not an object', `${where}: ${part}`, 'write {...}');
  }
  const outcome = v.safeParse(PlanSchema, document);
  if (!outcome.success)
    throw explainPlan(outcome.issues[0], where, Object.keys(PlanSchema.entries));
  const { name, base, seeds, exclude, record } = outcome.output;
  // As written: axes in their order, and what a variant leaves out is the base's, not the default.
  const { axes = {}, variants = {} } = document as {
    axes?: Record<string, readonly AxisValue[]>;
    variants?: Record<string, Record<string, Change>>;
  };
  checkProfiles(base, `${where}: base`);
  for (const [axis, changes] of Object.entries(variants)) {
    for (const [variant, change] of Object.entries(changes)) {
      checkProfiles(withChange(base, change), `${where}: variants.${axis}.${variant}`);
    }
  }
  const list = Array.isArray(seeds) || seeds === undefined ? seeds : counted(seeds, where);
  const resolved = resolveAxes({ base, fields: axes, variants, seeds: list }, where);
  const combinations = resolved.reduce((product, axis) => product * axis.values.length, 1);
  if (combinations > RUNS_MAX) {
    throw badPlan(
      `the axes have ${combinations} combinations, more than ${RUNS_MAX}`,
      where,
      'split it into several plans',
    );
  }
  const exclusions = exclusionsOf(exclude, resolved, where);
  return { name, base, axes: resolved, exclusions, record, combinations };
}

function counted(
  { from, count }: { readonly from: number; readonly count: number },
  where: string,
) {
  if (from + count - 1 > SEED_MAX) {
    throw badPlan(`a seed is at most ${SEED_MAX}`, `${where}: seeds`, 'begin lower, or take fewer');
  }
  return Array.from({ length: count }, (_, i) => from + i);
}

function checkProfiles({ profiles }: Scenario, where: string): void {
  for (const kind of ['soc', 'hypervisor'] as const) {
    const document = profiles[kind];
    const at = `${where}.profiles.${kind}`;
    if (document === null || parseProfile(document, at).kind === kind) continue;
    throw badPlan('this is a profile of the other kind', `${at}: kind`, `give a ${kind}’s profile`);
  }
}
