/** Catalogues, pairs and runs. */
import * as v from 'valibot';
import {
  HYPERVISOR_IDS,
  SOC_IDS,
  STRATEGY_IDS,
  type HypervisorId,
  type PairStatus,
  type SocId,
  type StrategyId,
} from '../ids.ts';
import type { RunResult } from '../result.ts';
import { ScenarioSchema, type ScenarioField } from '../scenario.ts';
import { id, method, nothing } from './method.ts';

export const CATALOGUES = [
  'strategies',
  'hypervisors',
  'socs',
  'workloads',
  'hazards',
  'fields',
] as const;

/** One row of a catalogue: `{id, name, ...}`; further fields depend on the catalogue. */
export interface CatalogueRow {
  readonly id: string;
  readonly name: string;
  readonly [field: string]: unknown;
}

/** Can this combination be run, and how must it be labelled? */
export interface Pair {
  readonly strategy: StrategyId;
  readonly hypervisor: HypervisorId;
  readonly soc: SocId;
  readonly status: PairStatus;
  /** Why it is hypothetical or refused; empty for native. */
  readonly reason: string;
}

export interface RunProgress {
  /** Requests completed so far, of `total`. */
  readonly done: number;
  readonly total: number;
  readonly events: number;
  /** Virtual time reached. */
  readonly simulatedNs: number;
}

export const EXPERIMENT_METHODS = {
  'catalogue.list': method<readonly CatalogueRow[]>()(
    v.strictObject({ what: v.picklist(CATALOGUES) }),
  ),
  'catalogue.fields': method<readonly ScenarioField[]>()(nothing),
  'experiment.pairs': method<readonly Pair[]>()(
    v.strictObject({
      strategies: v.array(v.picklist(STRATEGY_IDS)),
      hypervisors: v.array(v.picklist(HYPERVISOR_IDS)),
      socs: v.array(v.picklist(SOC_IDS)),
      base: ScenarioSchema,
    }),
  ),
  /** Runs one scenario; with `record` it leaves a trace in the library or at `out`. */
  'experiment.run': method<RunResult & { readonly trace: string | null }, RunProgress>()(
    v.strictObject({
      scenario: ScenarioSchema,
      record: v.boolean(),
      /** File to write instead of a new one in the library. Command line only. */
      out: v.optional(v.nullable(id), null),
    }),
  ),
} as const;
