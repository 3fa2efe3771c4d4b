/** Is it the same plan? Orders do not matter, for the runs are the same. */
import { canonicalJson } from '../engine/fingerprint.ts';
import type { AxisValue } from './axes.ts';
import type { Plan } from './plan.ts';

/** A plan as it is compared and stored: every default filled in, every list in order. */
export interface PlanIdentity {
  readonly base: unknown;
  readonly axes: Readonly<Record<string, unknown>>;
  readonly exclude: readonly unknown[];
  readonly record: string;
}

const byText = (a: unknown, b: unknown) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1);

export function identityOf({ base, axes, exclusions, record }: Plan): PlanIdentity {
  return {
    base,
    axes: Object.fromEntries(
      axes.map(({ name, kind, values, changes }) => [
        name,
        kind === 'variants'
          ? Object.fromEntries(values.map((value, i) => [value, changes[i]]))
          : [...values].sort(byText),
      ]),
    ),
    exclude: exclusions
      .map((each) =>
        Object.fromEntries(
          [...each].map(([name, values]): [string, readonly AxisValue[]] => [
            name,
            [...values].sort(byText),
          ]),
        ),
      )
      .sort(byText),
    record,
  };
}

/** Where two plans differ: `base.payloadBytes`, `axes.strategy`, `exclude`, `record`. */
export function whereDiffer(a: PlanIdentity, b: PlanIdentity): readonly string[] {
  const differ = (one: unknown, other: unknown) => canonicalJson(one) !== canonicalJson(other);
  const within = (part: 'base' | 'axes') => {
    const one = a[part] as Readonly<Record<string, unknown>>;
    const other = b[part] as Readonly<Record<string, unknown>>;
    return [...new Set([...Object.keys(one), ...Object.keys(other)])]
      .filter((key) => differ(one[key] ?? null, other[key] ?? null))
      .map((key) => `${part}.${key}`);
  };
  const whole = (['exclude', 'record'] as const).filter((part) => differ(a[part], b[part]));
  return [...within('base'), ...within('axes'), ...whole];
}
