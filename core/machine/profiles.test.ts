import { describe, expect, it } from 'vitest';
import { HYPERVISOR_IDS, SOC_IDS } from '../contract/ids.ts';
import { costsOn, resolveCosts, resolveQuantity } from './costs.ts';
import { HYPERVISORS, hypervisorOf, profileHash, SOCS, socOf } from './index.ts';
import { quantity } from './quantity.ts';
import {
  costTable,
  dimensionOf,
  hypervisorRows,
  quantityNames,
  socRows,
  withQuantities,
  type CostRow,
} from './table.ts';

const PROFILES = [...SOCS, ...HYPERVISORS];

/** Rows of every profile that break a rule, as `profile name`. */
function offenders(broken: (row: CostRow, kind: 'soc' | 'hypervisor') => boolean): string[] {
  return PROFILES.flatMap((profile) =>
    costTable(profile)
      .filter((row) => broken(row, 'quantities' in profile ? 'soc' : 'hypervisor'))
      .map((row) => `${profile.id} ${row.name}`),
  );
}

const bare = (row: CostRow, kind: 'soc' | 'hypervisor') =>
  kind === 'soc' ? row.name : row.name.replace(/^[^.]*\./, '');

describe('shipped profiles', () => {
  it('refuse an id that nobody ships, and name those that exist', () => {
    expect(() => socOf('itanium')).toThrow(/unknown soc "itanium".*cortex-a53/);
    expect(() => hypervisorOf('vmware')).toThrow(/unknown hypervisor "vmware".*kvm-userspace/);
  });

  it('exist for every public id, in that order', () => {
    expect(SOCS.map((each) => each.id)).toEqual(SOC_IDS);
    expect(HYPERVISORS.map((each) => each.id)).toEqual(HYPERVISOR_IDS);
    for (const each of PROFILES) expect(each.family).toBe(each.id);
  });

  it('hash to different values', () => {
    expect(new Set(PROFILES.map(profileHash)).size).toBe(PROFILES.length);
  });

  it('have a known name, a fitting unit and a value within its bounds for each number', () => {
    const broken = offenders((row, kind) => {
      const dimension = dimensionOf(kind, bare(row, kind));
      if (dimension === undefined || !dimension.units.includes(row.unit)) return true;
      const { min, max, whole } = dimension;
      return row.value < min || row.value > max || (whole && !Number.isInteger(row.value));
    });
    expect(broken).toEqual([]);
  });

  it('have ranges that hold their values', () => {
    expect(offenders(({ low, value, high }) => !(low <= value && value <= high))).toEqual([]);
  });

  it('name a source for each number, and leave the tag `user` to users', () => {
    expect(offenders((row) => row.source.trim().length < 5 || row.tag === 'user')).toEqual([]);
  });

  it('give whatever is assumed a range of at least a factor of two', () => {
    const narrow = offenders(
      ({ tag, low, high }) => tag === 'assumption' && (high < 2 * low || high === low),
    );
    expect(narrow).toEqual([]);
  });

  it('have every quantity, but for what the machine has not', () => {
    for (const soc of SOCS) {
      const missing = quantityNames('soc').filter(
        (name) => !socRows(soc).some((row) => row.name === name),
      );
      const absent = [
        ...(soc.arch === 'x86' ? ['tlbiBroadcast'] : []),
        ...(soc.engine === null ? quantityNames('soc').filter((each) => /^engine/.test(each)) : []),
      ];
      expect(missing, soc.id).toEqual(absent);
    }
    for (const hypervisor of HYPERVISORS) {
      for (const soc of SOCS.filter((each) => hypervisor.archs.includes(each.arch))) {
        const names = hypervisorRows(hypervisor, soc).map((row) => row.name);
        expect([...names].sort(), hypervisor.id).toEqual([...quantityNames('hypervisor')].sort());
      }
    }
  });

  it('state caches, memory and rates that can be true together', () => {
    for (const { id, quantities: all, arch, iommu, engine } of SOCS) {
      expect(all.ddioWays.value, id).toBeLessThanOrEqual(all.llcWays.value);
      expect(all.copyWarmRate.value, id).toBeGreaterThan(all.copyColdRate.value);
      expect(all.copyRemoteRate.value, id).toBeLessThanOrEqual(all.copyColdRate.value);
      expect(all.memoryBandwidth.value, id).toBeGreaterThan(2 * all.copyColdRate.value);
      if (all.nodes.value === 1) {
        expect(all.copyRemoteRate.value, id).toBe(all.copyColdRate.value);
        expect(all.crossNode.value, id).toBe(0);
      }
      expect(iommu.startsWith('SMMU'), id).toBe(arch === 'arm');
      expect(engine !== null, `${id}: copy engines are Intel’s here`).toBe(id.startsWith('xeon'));
      expect(all.ddioWays.value > 0, `${id}: DDIO is Intel’s`).toBe(id.startsWith('xeon'));
    }
  });

  it('charge the cache maintenance of DMA where it is not coherent, and nowhere else', () => {
    const charged = SOCS.filter((each) => each.quantities.cacheMaintenancePerLine.value > 0);
    expect(charged).toEqual(SOCS.filter((each) => !each.dmaCoherent));
    expect(charged.map((each) => each.id)).toEqual(['cortex-a53']);
  });
});

describe('hypervisors', () => {
  const sync = (hypervisor: string, soc: string) =>
    resolveCosts(socOf(soc), hypervisorOf(hypervisor), 0).iommuSync;

  it('tell the IOMMU of the backend’s mappings as Xen does', () => {
    expect(sync('xen-pv-dom0', 'xeon-2020')).toBe('none');
    expect(sync('xen-pv-dom0-strict', 'xeon-2020')).toBe('per-grant');
    expect(sync('xen-pv-driver-domain', 'epyc-2020')).toBe('per-grant');
    expect(sync('xen-pvh-dom0', 'xeon-2020')).toBe('shared-table');
    expect(sync('xen-pvh-dom0', 'epyc-2020')).toBe('per-grant');
    expect(sync('xen-arm-dom0', 'cortex-a72')).toBe('none');
    expect(sync('xen-arm-driver-domain', 'cortex-a72')).toBe('domain-per-change');
    expect(sync('kvm-vhost', 'kunpeng-920')).toBe('none');
  });

  it('flush TLBs by the kind of domain that maps', () => {
    const tlb = Object.fromEntries(HYPERVISORS.map((each) => [each.id, each.tlb]));
    expect(tlb['xen-pv-driver-domain']).toEqual({ x86: 'ipi-per-chunk' });
    expect(tlb['xen-hvm-driver-domain']).toEqual({ x86: 'ept-per-element' });
    expect(tlb['xen-arm-driver-domain']).toEqual({ arm: 'broadcast-per-element' });
  });

  it('leave a driver domain without privilege, its IOMMU with its own memory', () => {
    const domains = HYPERVISORS.filter((each) => each.domain === 'driver-domain');
    expect(domains.map((each) => each.id)).toEqual([
      'xen-pv-driver-domain',
      'xen-hvm-driver-domain',
      'xen-arm-driver-domain',
    ]);
    for (const each of domains) {
      expect(each.privilege).toBe('none');
      expect(each.passthroughReach).toBe('own-domain');
    }
    expect(HYPERVISORS.filter((each) => each.pvGuest).map((each) => each.id)).toEqual([
      'xen-pv-dom0',
      'xen-pv-dom0-strict',
      'xen-pv-driver-domain',
    ]);
  });

  it('charge a KVM exit less on a core with VHE than on one without', () => {
    const kvm = hypervisorOf('kvm-vhost');
    const hypercall = (soc: string) => resolveCosts(socOf(soc), kvm, 0).hypercall / 1000;
    expect(hypercall('neoverse-n1')).toBe(292);
    expect(hypercall('cortex-a72')).toBeGreaterThan(3000);
    expect(hypercall('cortex-a53')).toBeGreaterThan(5000);
  });

  it('wake a process beside the notification only where the backend is one', () => {
    expect(hypervisorOf('kvm-vhost').backendKinds).toEqual(['kernel']);
    expect(hypervisorOf('kvm-userspace').backendKinds).toEqual(['user']);
    expect(hypervisorOf('kvm-userspace').privilege).toBe('target');
  });
});

describe('resolved costs', () => {
  const range = [1, 1] as const;

  it('are refused where a hypervisor does not run', () => {
    expect(() => resolveCosts(socOf('cortex-a53'), hypervisorOf('xen-pv-dom0'), 0)).toThrow(
      /costs for each of its archs/,
    );
  });

  it('are picoseconds for durations, picoseconds a byte for rates', () => {
    expect(resolveQuantity(quantity(330, 'cycles', range, 'S', 'x'), 3.3)).toBe(100_000);
    expect(resolveQuantity(quantity(100, 'cycles', range, 'S', 'x'), 3.3)).toBe(30_303);
    expect(resolveQuantity(quantity(2.5, 'ns', range, 'S', 'x'), 3.3)).toBe(2500);
    expect(resolveQuantity(quantity(8, 'GB/s', range, 'S', 'x'), 3.3)).toBe(125);
    expect(resolveQuantity(quantity(0.2, 'ns/B', range, 'S', 'x'), 3.3)).toBe(200);
    expect(resolveQuantity(quantity(10_000, 'Mb/s', range, 'S', 'x'), 3.3)).toBe(800);
    expect(resolveQuantity(quantity(16, 'count', range, 'S', 'x'), 3.3)).toBe(16);
  });

  it('hold every quantity of both profiles, the engine’s apart, and no tlbiBroadcast on x86', () => {
    const costs = resolveCosts(socOf('xeon-2020'), hypervisorOf('kvm-vhost'), 25_000);
    expect(costs.copyColdRate).toBeCloseTo(1000 / 9, 9);
    expect(costs.engine?.rate).toBeCloseTo(1000 / 11, 9);
    expect(costs.tlbiBroadcast).toBe(0);
    expect(costs.wirePerByte).toBe(320);
    for (const name of [...quantityNames('soc'), ...quantityNames('hypervisor')]) {
      if (!name.startsWith('engine.')) expect(costs, name).toHaveProperty(name);
    }
    expect(resolveCosts(socOf('epyc-2020'), hypervisorOf('kvm-vhost'), 0).engine).toBeNull();
  });

  it('take whole picoseconds for every duration of every pair', () => {
    for (const hypervisor of HYPERVISORS) {
      for (const soc of SOCS.filter((each) => hypervisor.archs.includes(each.arch))) {
        const costs = resolveCosts(soc, hypervisor, 0);
        for (const row of hypervisorRows(hypervisor, soc)) {
          const value = costs[row.name as 'hypercall'];
          expect(Number.isSafeInteger(value) && value > 0, `${hypervisor.id} ${row.name}`).toBe(
            true,
          );
        }
      }
    }
  });
});

describe('a quantity put to another value', () => {
  it('must be one that the profile has', () => {
    expect(() => withQuantities(socOf('epyc-2020'), { 'engine.rate': 5 })).toThrow(/engine\.rate/);
    expect(() => withQuantities(socOf('xeon-2020'), { nonsense: 5 })).toThrow(/nonsense/);
    const [kvm, a53] = [hypervisorOf('kvm-vhost'), socOf('cortex-a53')];
    expect(() => withQuantities(kvm, { nonsense: 5 }, a53)).toThrow(/nonsense/);
  });

  it('changes that quantity of a machine alone, whole where it must be', () => {
    const base = socOf('xeon-2020');
    const changed = withQuantities(base, {
      copyColdRate: 5.5,
      'engine.rate': 7.5,
      iotlbSets: 12.4,
      identityOrder: 4.6,
    });
    const differs = socRows(changed).filter(
      (row, i) => JSON.stringify(row) !== JSON.stringify(socRows(base)[i]),
    );
    expect(differs.map((row) => [row.name, row.value])).toEqual(
      expect.arrayContaining([
        ['copyColdRate', 5.5],
        ['engine.rate', 7.5],
        ['iotlbSets', 12],
      ]),
    );
    // 4.6 is nearer to 2 MiB than to 4 KiB pages, which is what the base has.
    expect(differs).toHaveLength(3);
    expect(withQuantities(base, { identityOrder: 4 }).quantities.identityOrder.value).toBe(0);
    expect(base.quantities.copyColdRate.value).toBe(9);
    expect(profileHash(changed)).not.toBe(profileHash(base));
  });

  it('changes a hypervisor on that machine, in the unit it has there, and on no other', () => {
    const kvm = hypervisorOf('kvm-vhost');
    const [n1, a53] = [socOf('neoverse-n1'), socOf('cortex-a53')];
    const changed = withQuantities(kvm, { hypercall: 317 }, n1);
    expect(resolveCosts(n1, changed, 0).hypercall).toBe(317_000);
    expect(costsOn(changed, n1).trap).toEqual(costsOn(kvm, n1).trap);
    expect(costsOn(changed, a53)).toEqual(costsOn(kvm, a53));
  });
});

describe('a cost table', () => {
  it('lists each number with its unit, range, tag and source', () => {
    const row = costTable(socOf('cortex-a53')).find((each) => each.name === 'copyColdRate');
    expect(row).toMatchObject({ value: 1.4, unit: 'GB/s', low: 1.3, high: 1.9, tag: 'D' });
    expect(row?.source).toMatch(/tinymembench/);
  });

  it('names a hypervisor’s costs by architecture, and by machine what holds there alone', () => {
    const names = costTable(hypervisorOf('kvm-vhost')).map((each) => each.name);
    expect(names).toEqual(
      expect.arrayContaining(['x86.hypercall', 'arm.hypercall', 'neoverse-n1.hypercall']),
    );
    expect(new Set(names).size).toBe(names.length);
  });
});
