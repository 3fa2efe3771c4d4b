/** Plan and results between starts. Bounded: the oldest results go when there is no room. */
import * as v from 'valibot';
import type { Result } from './experiment.svelte.ts';
import type { Plan } from './plan.ts';

const KEY = 'mapcopy.experiment.2';
const MAX_CHARS = 3_000_000;

/** Results of scenarios with one key; see `keyOf`. */
export interface ResultSet {
  readonly key: string;
  readonly results: readonly Result[];
}

export interface StoredState {
  /** Used last first. */
  readonly sets: readonly ResultSet[];
  readonly plan: Plan;
  readonly keepTraces: boolean;
  /** How the results are shown. */
  readonly view: Readonly<Record<string, string>>;
}

export const NO_PLAN: Plan = { chosen: [], values: {}, vary: null, question: null };
const EMPTY: StoredState = { sets: [], plan: NO_PLAN, keepTraces: true, view: {} };

/** What every use of a result relies on; a stored result without it is dropped. */
const ResultSchema = v.looseObject({
  strategy: v.string(),
  hypervisor: v.string(),
  soc: v.string(),
  workload: v.string(),
  pair: v.picklist(['native', 'hypothetical', 'refused']),
  requests: v.number(),
  payloadBytes: v.number(),
  throughputGbps: v.number(),
  steady: v.optional(v.boolean(), true),
  bottleneck: v.string(),
  fingerprint: v.string(),
  cpuNsPerRequest: v.record(v.string(), v.number()),
  cpuNsPerByte: v.record(v.string(), v.number()),
  latencyNs: v.looseObject({ p50: v.number(), p99: v.number() }),
  windowsNs: v.looseObject({ p99: v.number() }),
  hazards: v.record(v.string(), v.nullable(v.number())),
  exposure: v.record(v.string(), v.looseObject({ heldByteSeconds: v.number() })),
  trace: v.nullable(v.string()),
});
const PlanSchema = v.object({
  chosen: v.array(v.string()),
  values: v.record(v.string(), v.string()),
  vary: v.nullable(v.object({ path: v.string(), values: v.array(v.string()) })),
  question: v.nullable(v.string()),
});
const StateSchema = v.object({
  sets: v.array(v.object({ key: v.string(), results: v.array(v.unknown()) })),
  plan: PlanSchema,
  keepTraces: v.boolean(),
  view: v.record(v.string(), v.string()),
});

/** What is kept beside the runs of a plan, so that it can be shown again. */
const AskedSchema = v.object({
  plan: PlanSchema,
  metric: v.string(),
  baseline: v.string(),
});
export type Asked = v.InferOutput<typeof AskedSchema>;

/** Null for what is no plan of this room. */
export function parseAsked(document: unknown): Asked | null {
  const outcome = v.safeParse(AskedSchema, document);
  return outcome.success ? outcome.output : null;
}

export function parseState(text: string | null): StoredState {
  if (text === null) return EMPTY;
  try {
    const outcome = v.safeParse(StateSchema, JSON.parse(text));
    if (!outcome.success) return EMPTY;
    const isResult = (each: unknown): each is Result => v.is(ResultSchema, each);
    const sets = outcome.output.sets.map((set) => ({
      ...set,
      results: set.results.filter(isResult),
    }));
    return { ...outcome.output, sets };
  } catch {
    return EMPTY;
  }
}

/** The state as text of at most `limit` characters; the sets used longest ago are left out first. */
export function formatState(state: StoredState, limit = MAX_CHARS): string {
  for (let kept = state.sets.length; kept >= 0; kept -= 1) {
    const text = JSON.stringify({ ...state, sets: state.sets.slice(0, kept) });
    if (text.length <= limit) return text;
  }
  return JSON.stringify(EMPTY);
}

export function loadState(): StoredState {
  return parseState(localStorage.getItem(KEY));
}

export function saveState(state: StoredState): void {
  try {
    localStorage.setItem(KEY, formatState(state));
  } catch {
    // No room or no permission: the results stay in this window, and traces in the library.
  }
}
