/** One figure in two traces. */
import type { Change } from '../contract/diff.ts';

export function change(a: number | null, b: number | null): Change {
  if (a === null || b === null) return { a: tidyOrNull(a), b: tidyOrNull(b), ...UNKNOWN };
  return {
    a: tidy(a),
    b: tidy(b),
    change: tidy(b - a),
    relative: a === 0 ? null : tidy((b - a) / a),
  };
}

const UNKNOWN = { change: null, relative: null } as const;

/** Are the two the same, or both unknown? */
export function unchanged({ a, b }: Change): boolean {
  return a === b;
}

/** Twelve significant digits: more is the noise of division. */
export function tidy(value: number): number {
  return Number(value.toPrecision(12));
}

function tidyOrNull(value: number | null): number | null {
  return value === null ? null : tidy(value);
}

/** Changes of all keys that either record has, in the order of the first, then of the second. */
export function changes(
  a: Readonly<Record<string, number | null>> | null,
  b: Readonly<Record<string, number | null>> | null,
  missing: number | null = null,
): Record<string, Change> {
  const keys = new Set([...Object.keys(a ?? {}), ...Object.keys(b ?? {})]);
  // Sorted, so that the order does not depend on which trace comes first.
  return Object.fromEntries(
    [...keys]
      .sort()
      .map((key) => [
        key,
        change(a === null ? null : (a[key] ?? missing), b === null ? null : (b[key] ?? missing)),
      ]),
  );
}
