/**
 * Profiles resolved for one run: every cost an integer number of picoseconds, rates as picoseconds
 * for each byte. Nothing but conversion happens here.
 */
import { exists } from '../base/assert.ts';
import type {
  HypervisorCosts,
  HypervisorProfile,
  IommuSync,
  TlbMaintenance,
} from './hypervisor/profile.ts';
import type { Quantity } from './quantity.ts';
import type { CopyEngine, SocProfile, SocQuantities } from './soc/profile.ts';

type Resolved<T> = { readonly [Name in keyof T]: number };

/** The copy engine's costs: picoseconds, picoseconds for each byte, entries, bytes. */
export type EngineCosts = Resolved<Omit<CopyEngine, 'name'>>;

/**
 * One run's costs. Names are those of the profiles' quantities; durations in picoseconds, rates
 * (GB/s, Mb/s, ns/B) in picoseconds for each byte, the rest as they are.
 */
export interface Costs extends Resolved<SocQuantities>, Resolved<HypervisorCosts> {
  readonly tlb: TlbMaintenance;
  readonly iommuSync: IommuSync;
  readonly engine: EngineCosts | null;
  readonly linkMbps: number;
  /** Picoseconds for each byte on the wire. */
  readonly wirePerByte: number;
}

/** One quantity in the engine's units: integer picoseconds, picoseconds for each byte, or as it is. */
export function resolveQuantity(each: Quantity, ghz: number): number {
  switch (each.unit) {
    case 'cycles':
      return Math.round((each.value * 1000) / ghz);
    case 'ns':
      return Math.round(each.value * 1000);
    case 'GB/s':
      return 1000 / each.value;
    case 'ns/B':
      return each.value * 1000;
    case 'Mb/s':
      // 8 microseconds a byte divided by the rate.
      return 8_000_000 / each.value;
    default:
      return each.value;
  }
}

/**
 * A hypervisor's costs on a machine: those of its architecture, and what was measured on that very
 * machine in their place.
 *
 * @throws when the hypervisor does not run on the architecture, which pairs are refused for
 */
export function costsOn(hypervisor: HypervisorProfile, soc: SocProfile): HypervisorCosts {
  const general = exists(
    hypervisor.costs[soc.arch],
    'a hypervisor has costs for each of its archs',
  );
  return { ...general, ...hypervisor.onSoc?.[soc.family] };
}

/**
 * @param linkMbps link rate of the NIC, or 0 for the profile's
 * @throws when the hypervisor does not run on the SoC's architecture
 */
export function resolveCosts(
  soc: SocProfile,
  hypervisor: HypervisorProfile,
  linkMbps: number,
): Costs {
  const ghz = soc.quantities.clock.value;
  const hv = costsOn(hypervisor, soc);
  const all = <T extends object>(quantities: T): Resolved<T> =>
    Object.fromEntries(
      Object.entries(quantities).map(([name, each]: [string, Quantity | null]) => [
        name,
        each === null ? 0 : resolveQuantity(each, ghz),
      ]),
    ) as Resolved<T>;
  let engine: EngineCosts | null = null;
  if (soc.engine !== null) {
    const { name: _, ...quantities } = soc.engine;
    engine = all(quantities);
  }
  const linkRate = linkMbps === 0 ? soc.quantities.linkRate.value : linkMbps;
  return {
    ...all(soc.quantities),
    ...all(hv),
    tlb: exists(hypervisor.tlb[soc.arch], 'and a way to flush TLBs'),
    iommuSync: exists(hypervisor.iommuSync[soc.iommu], 'and a rule for each IOMMU of its archs'),
    engine,
    linkMbps: linkRate,
    wirePerByte: 8_000_000 / linkRate,
  };
}
