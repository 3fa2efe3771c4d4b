/** Machines within the ranges of a scenario's profiles: what could be true as well as the values given. */
import { assert } from '../base/assert.ts';
import type { Scenario } from '../contract/scenario.ts';
import type { RandomStream } from '../engine/random.ts';
import { profilesOf } from '../experiment/profiles.ts';
import { costsOn } from '../machine/costs.ts';
import type { HypervisorProfile } from '../machine/hypervisor/profile.ts';
import type { SocProfile } from '../machine/soc/profile.ts';
import { fitted, hypervisorRows, socRows, type CostRow } from '../machine/table.ts';

/** Which machine it is, not what things cost on it: stated by its owner, and so not varied. */
const STATED: readonly string[] = ['cores', 'nodes', 'linkRate'];

/** One quantity that is known within a range. */
export interface Variable {
  /** `soc.copyColdRate`, `soc.engine.rate`, `hypervisor.hypercall`. */
  readonly name: string;
  readonly profile: 'soc' | 'hypervisor';
  /** With value, range and unit. */
  readonly row: CostRow;
}

/** Values by name of the variable, in the variable's unit. */
export type Values = Readonly<Record<string, number>>;

/** Quantities of a scenario's profiles that have a range. */
export function variablesOf(scenario: Scenario): readonly Variable[] {
  const { soc, hypervisor } = profilesOf(scenario);
  const of = (profile: 'soc' | 'hypervisor', rows: readonly CostRow[]) =>
    rows
      .filter(({ name, low, high }) => low < high && !STATED.includes(name))
      .map((row): Variable => ({ name: `${profile}.${row.name}`, profile, row }));
  return [...of('soc', socRows(soc)), ...of('hypervisor', hypervisorRows(hypervisor, soc))];
}

/** Strata of a range, as fine as 32 bits are. */
const FINE = 2 ** 16;

/**
 * A Latin hypercube: each variable's range is cut into as many parts as there are samples, and each
 * part occurs once. Half of a range's weight lies below the value and half above.
 */
export function latinHypercube(
  variables: readonly Variable[],
  count: number,
  random: RandomStream,
): readonly Values[] {
  const samples = Array.from({ length: count }, (): Record<string, number> => ({}));
  for (const { name, row } of variables) {
    const parts = shuffled(count, random);
    samples.forEach((sample, i) => {
      const share = ((parts[i] as number) + random.below(FINE) / FINE) / count;
      sample[name] = quantile(row, share);
    });
  }
  return samples;
}

function quantile({ low, value, high }: CostRow, share: number): number {
  if (share < 0.5) return low + 2 * share * (value - low);
  return value + (2 * share - 1) * (high - value);
}

function shuffled(count: number, random: RandomStream): number[] {
  const parts = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const other = random.below(i + 1);
    [parts[i], parts[other]] = [parts[other] as number, parts[i] as number];
  }
  return parts;
}

/**
 * The scenario on a machine and a hypervisor with other values. They become profiles of one's own
 * (`profiles.soc`, `profiles.hypervisor`) over those that the scenario has, so that any sample can be
 * run by itself.
 */
export function withValues(scenario: Scenario, values: Values): Scenario {
  if (Object.keys(values).length === 0) return scenario;
  const { soc, hypervisor } = profilesOf(scenario);
  const all = coherent(soc, values);
  const quantities: Record<string, number> = {};
  const engine: Record<string, number> = {};
  const costs: Record<string, number> = {};
  const clock = all['soc.clock'] ?? soc.quantities.clock.value;
  for (const [name, value] of Object.entries(all)) {
    const [profile, ...rest] = name.split('.');
    const key = rest[rest.length - 1] as string;
    if (profile === 'hypervisor') costs[key] = inUnitOfArch(hypervisor, soc, key, value, clock);
    else if (rest.length === 2) engine[key] = fitted(`engine.${key}`, value);
    else quantities[key] = fitted(key, value);
  }
  const own = scenario.profiles;
  const common = { format: 1, id: 'within-ranges', name: 'Within its ranges' };
  return {
    ...scenario,
    profiles: {
      soc: {
        ...(own.soc ?? { ...common, kind: 'soc', base: scenario.soc }),
        quantities: { ...within(own.soc, 'quantities'), ...quantities },
        ...(Object.keys(engine).length > 0
          ? { engine: { ...within(own.soc, 'engine'), ...engine } }
          : {}),
      },
      hypervisor: {
        ...(own.hypervisor ?? { ...common, kind: 'hypervisor', base: scenario.hypervisor }),
        costs: {
          ...within(own.hypervisor, 'costs'),
          [soc.arch]: { ...within(within(own.hypervisor, 'costs'), soc.arch), ...costs },
        },
      },
    },
  };
}

const within = (document: object | null | undefined, field: string): object =>
  ((document ?? {}) as Record<string, object | undefined>)[field] ?? {};

/** A warm copy is not slower than a cold one, and a remote one not faster. */
function coherent(soc: SocProfile, values: Values): Values {
  const rate = (name: 'copyColdRate' | 'copyWarmRate' | 'copyRemoteRate') =>
    values[`soc.${name}`] ?? soc.quantities[name].value;
  const cold = rate('copyColdRate');
  return {
    ...values,
    ...(rate('copyWarmRate') < cold ? { 'soc.copyWarmRate': cold } : {}),
    ...(rate('copyRemoteRate') > cold ? { 'soc.copyRemoteRate': cold } : {}),
  };
}

/** A cost that was measured on one machine may be in ns where its architecture’s is in cycles. */
function inUnitOfArch(
  hypervisor: HypervisorProfile,
  soc: SocProfile,
  key: string,
  value: number,
  ghz: number,
): number {
  const name = key as keyof ReturnType<typeof costsOn>;
  const here = costsOn(hypervisor, soc)[name].unit;
  const there = hypervisor.costs[soc.arch]?.[name].unit;
  if (here === there) return value;
  if (here === 'ns') return value * ghz;
  assert(here === 'cycles', 'a duration is in cycles or ns');
  return value / ghz;
}
