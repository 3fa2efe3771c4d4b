/** What the user asked for: the fields that differ from their defaults, and the base scenario. */
import {
  LabError,
  parseScenario,
  setField,
  toErrorData,
  type LabErrorData,
  type Scenario,
  type ScenarioField,
} from '../../core/contract/index.ts';
import { NBSP, fixed, plural } from '../../core/figures/numbers.ts';

/** Text of each field that was changed, by its path. */
export type Values = Readonly<Record<string, string>>;

/** Chosen in lists of their own. */
export const AXES = ['strategy', 'hypervisor', 'soc'];
/** Always shown; the others are behind "all fields". */
export const MAIN_FIELDS = ['workload', 'topology', 'payloadBytes', 'requests', 'seed', 'hostDma'];

export function valueOf(values: Values, field: ScenarioField): string {
  return values[field.path] ?? String(field.def);
}

/** What is wrong with a field's text, in words, or an empty text. */
export function problemOf(field: ScenarioField, text: string): string {
  if (field.type !== 'number') return '';
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

/** Two bases with the same key differ in no field but the axes. */
export function keyOf(base: Scenario): string {
  const { strategy: _s, hypervisor: _h, soc: _c, ...rest } = base;
  return JSON.stringify(rest);
}

/** A base in a few words: `net-tx · 4 096 B · 10 000 requests · seed 7`. */
export function describe(base: Scenario): string {
  const parts = [
    base.workload,
    `${fixed(base.payloadBytes)}${NBSP}B`,
    plural(base.requests, 'request'),
    `seed ${base.seed}`,
  ];
  if (base.hostDma !== 'default') parts.splice(2, 0, `hostDma ${base.hostDma}`);
  if (base.arrival.kind !== 'saturate') parts.push(base.arrival.kind);
  return parts.join(' · ');
}
