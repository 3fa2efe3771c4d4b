/** How fields of a scenario are declared: each with a default, a unit, a range and a sentence. */
import * as v from 'valibot';

export interface NumberSpec {
  readonly def: number;
  readonly min: number;
  readonly max: number;
  readonly unit: string;
  readonly doc: string;
}

/** A whole number. */
export const whole = (spec: NumberSpec) =>
  v.optional(
    v.pipe(
      v.number(),
      v.integer(),
      v.minValue(spec.min),
      v.maxValue(spec.max),
      v.description(spec.doc),
      v.metadata({ unit: spec.unit }),
    ),
    spec.def,
  );

/** One of several words. */
export const choice = <const T extends readonly [string, ...string[]]>(
  options: T,
  def: T[number],
  doc: string,
) => v.optional(v.pipe(v.picklist(options), v.description(doc)), def);

export const flag = (def: boolean, doc: string) =>
  v.optional(v.pipe(v.boolean(), v.description(doc)), def);

export const PROFILE_DEFAULT = 'The default is the shipped default of the chosen profile.';
