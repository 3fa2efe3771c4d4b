/** Profiles as tables of named quantities: to be read, and to be varied within their ranges. */
import { exists } from '../base/assert.ts';
import { costsOn } from './costs.ts';
import {
  ENGINE_DIMENSIONS,
  HYPERVISOR_DIMENSIONS,
  PAGE_ORDERS,
  SOC_DIMENSIONS,
  type Dimension,
} from './dimensions.ts';
import type { HypervisorCosts, HypervisorProfile } from './hypervisor/profile.ts';
import type { Quantity } from './quantity.ts';
import type { CopyEngine, SocProfile, SocQuantities } from './soc/profile.ts';

const DIMENSIONS: Readonly<Record<'soc' | 'hypervisor', ReadonlyMap<string, Dimension>>> = {
  soc: new Map([
    ...Object.entries(SOC_DIMENSIONS),
    ...Object.entries(ENGINE_DIMENSIONS).map(
      ([name, each]) => [`engine.${name}`, each] as [string, Dimension],
    ),
  ]),
  hypervisor: new Map(Object.entries(HYPERVISOR_DIMENSIONS)),
};

/** Names of a profile's quantities; a copy engine's begin with `engine.`. */
export function quantityNames(kind: 'soc' | 'hypervisor'): readonly string[] {
  return [...DIMENSIONS[kind].keys()];
}

/** What a quantity measures, or undefined when there is none of that name. */
export function dimensionOf(kind: 'soc' | 'hypervisor', name: string): Dimension | undefined {
  return DIMENSIONS[kind].get(name);
}

/** One row of a cost table. */
export interface CostRow extends Quantity {
  /** As in `quantityNames`; in the table of a whole hypervisor after the machine or architecture. */
  readonly name: string;
}

type Named = readonly [name: string, quantity: Quantity | null | undefined];

const present = (all: readonly Named[]): readonly CostRow[] =>
  all.flatMap(([name, each]) => (each === null || each === undefined ? [] : [{ name, ...each }]));

/** A machine's quantities, its copy engine's among them; what it does not have is left out. */
export function socRows(soc: SocProfile): readonly CostRow[] {
  const { name: _, ...engine } = soc.engine ?? { name: '' };
  const named: readonly Named[] = Object.entries(engine).map(([name, each]) => [
    `engine.${name}`,
    each,
  ]);
  return present([...(Object.entries(soc.quantities) as readonly Named[]), ...named]);
}

/** A hypervisor's costs as they are on one machine. */
export function hypervisorRows(hypervisor: HypervisorProfile, soc: SocProfile): readonly CostRow[] {
  return present(Object.entries(costsOn(hypervisor, soc)) as readonly Named[]);
}

/**
 * A profile's whole cost table. A hypervisor's rows are named `x86.hypercall`, or
 * `neoverse-n1.hypercall` for what holds on one machine only.
 */
export function costTable(profile: SocProfile | HypervisorProfile): readonly CostRow[] {
  if ('quantities' in profile) return socRows(profile);
  return [...Object.entries(profile.costs), ...Object.entries(profile.onSoc ?? {})].flatMap(
    ([where, costs]) =>
      present(Object.entries(costs).map(([name, each]) => [`${where}.${name}`, each])),
  );
}

/** Where a machine's quantity stands when it is put to `value`: whole where it must be. */
export function fitted(name: string, value: number): number {
  if (name === 'identityOrder') {
    const [small, large] = PAGE_ORDERS;
    return value * 2 < small + large ? small : large;
  }
  return dimensionOf('soc', name)?.whole === true ? Math.round(value) : value;
}

type Values = Readonly<Record<string, number>>;

/**
 * A profile with some quantities put to other values, in the units that they have there; ranges and
 * sources stay. Names are those of `socRows` or `hypervisorRows`. Whole quantities are rounded.
 *
 * @param soc machine on which a hypervisor's costs change; on others they are as they were
 */
export function withQuantities(profile: SocProfile, values: Values): SocProfile;
export function withQuantities(
  profile: HypervisorProfile,
  values: Values,
  soc: SocProfile,
): HypervisorProfile;
export function withQuantities(
  profile: SocProfile | HypervisorProfile,
  values: Values,
  soc?: SocProfile,
): SocProfile | HypervisorProfile {
  if ('quantities' in profile) return socWith(profile, values);
  return hypervisorWith(profile, values, exists(soc, 'the machine that the costs are of'));
}

function socWith(soc: SocProfile, values: Values): SocProfile {
  const quantities: Record<string, Quantity | null> = { ...soc.quantities };
  const engine: Record<string, Quantity | string> = { ...soc.engine };
  for (const [name, value] of Object.entries(values)) {
    const target = name.startsWith('engine.') ? engine : quantities;
    const key = name.replace(/^engine\./, '');
    const old = exists(target[key], `a quantity ${name} to vary`) as Quantity;
    target[key] = { ...old, value: fitted(name, value) };
  }
  return {
    ...soc,
    quantities: quantities as unknown as SocQuantities,
    engine: soc.engine === null ? null : (engine as unknown as CopyEngine),
  };
}

function hypervisorWith(
  hypervisor: HypervisorProfile,
  values: Values,
  soc: SocProfile,
): HypervisorProfile {
  const here = costsOn(hypervisor, soc);
  const changed = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      { ...exists(here[name as keyof HypervisorCosts], `a cost ${name} to vary`), value },
    ]),
  );
  const before = hypervisor.onSoc?.[soc.family];
  return { ...hypervisor, onSoc: { ...hypervisor.onSoc, [soc.family]: { ...before, ...changed } } };
}
