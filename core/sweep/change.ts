/** Part of a scenario, put over another. */
import type { Scenario } from '../contract/scenario.ts';

/** Some fields of a scenario, nested as in its document. */
export type Change = Readonly<Record<string, unknown>>;

/** Fields that are documents of their own: they are replaced, never merged. */
const WHOLE = ['profiles.soc', 'profiles.hypervisor'];

const isGroup = (value: unknown, path: string): value is Change =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !WHOLE.includes(path);

/** The base with the fields of the change in place of its own. */
export function withChange(base: Scenario, change: Change): Scenario {
  return merged(base, change, '') as unknown as Scenario;
}

function merged(base: Change, change: Change, prefix: string): Change {
  const result: Record<string, unknown> = { ...base };
  for (const [name, value] of Object.entries(change)) {
    const path = prefix + name;
    const old = result[name];
    result[name] =
      isGroup(value, path) && isGroup(old, path) ? merged(old, value, `${path}.`) : value;
  }
  return result;
}

/** Dotted paths of the fields that a change sets. */
export function fieldsSet(change: Change, prefix = ''): string[] {
  return Object.entries(change).flatMap(([name, value]) => {
    const path = prefix + name;
    return isGroup(value, path) ? fieldsSet(value, `${path}.`) : [path];
  });
}

/** A change of one field. */
export function changeOf(path: string, value: unknown): Change {
  return path
    .split('.')
    .reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as Change;
}
