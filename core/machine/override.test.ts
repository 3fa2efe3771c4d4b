import { describe, expect, it } from 'vitest';
import * as v from 'valibot';
import { LabError } from '../contract/errors.ts';
import { resolveCosts } from './costs.ts';
import { hypervisorOf, profileHash, socOf } from './index.ts';
import {
  applyHypervisor,
  applySoc,
  parseProfile,
  ProfileOverrideSchema,
  profileJsonSchema,
} from './override.ts';
import { quantityNames, socRows } from './table.ts';

const SOC = { format: 1, kind: 'soc', id: 'my-board', name: 'My board', base: 'xeon-2020' };
const HYPERVISOR = { ...SOC, kind: 'hypervisor', base: 'kvm-vhost' };

/** What, where and how of the refusal of a document. */
function refusal(document: unknown): string {
  try {
    parseProfile(document, 'board.json');
  } catch (error) {
    expect(error).toBeInstanceOf(LabError);
    const { code, what, where, remedy } = (error as LabError).data;
    expect(code).toBe('BAD_PROFILE');
    expect(remedy).not.toBe('');
    return `${what} | ${where} | ${remedy}`;
  }
  return 'accepted';
}

describe('a profile of one’s own is refused', () => {
  it('when it is no object, of no kind or of another format', () => {
    expect(refusal(null)).toMatch(/Expected Object/);
    expect(refusal([])).not.toBe('accepted');
    expect(refusal({})).toMatch(/kind is missing .* say soc or hypervisor/);
    expect(refusal({ ...SOC, kind: 'board' })).toMatch(/unknown kind "board"/);
    expect(refusal({ ...SOC, format: 2 })).toMatch(/board\.json: format/);
  });

  it('when its base is unknown or of the other kind', () => {
    expect(refusal({ ...SOC, base: 'itanium' })).toMatch(
      /unknown base "itanium" \| board\.json: base \| use one of xeon-2012, .*cortex-a53/,
    );
    expect(refusal({ ...SOC, base: 'kvm-vhost' })).toMatch(/unknown base "kvm-vhost"/);
    expect(refusal({ ...HYPERVISOR, base: 'xeon-2020' })).toMatch(/unknown base "xeon-2020"/);
  });

  it('when its id is missing, shipped already or no id', () => {
    const { id: _, ...anonymous } = SOC;
    expect(refusal(anonymous)).toMatch(/id is missing/);
    expect(refusal({ ...SOC, id: 'cortex-a53' })).toMatch(/id of a shipped profile .* your own/);
    expect(refusal({ ...SOC, id: 'kvm-vhost' })).toMatch(/id of a shipped profile/);
    expect(refusal({ ...SOC, id: 'My Board' })).toMatch(/lower case/);
  });

  it('when it names a quantity or a field that does not exist', () => {
    expect(refusal({ ...SOC, quantities: { copyRate: 5 } })).toMatch(
      /no field quantities\.copyRate \| board\.json: quantities\.copyRate \| remove/,
    );
    expect(refusal({ ...SOC, quantities: { hypercall: 5 } })).toMatch(/no field/);
    expect(refusal({ ...SOC, costs: {} })).toMatch(/no field costs/);
    expect(refusal({ ...HYPERVISOR, costs: { arm: { hardirq: 5 } } })).toMatch(
      /no field costs\.arm\.hardirq/,
    );
    expect(refusal({ ...SOC, quantities: { hardirq: { value: 5, lo: 3 } } })).toMatch(
      /no field quantities\.hardirq\.lo/,
    );
  });

  it.each([
    ['negative', -1],
    ['zero, where nothing takes no time', 0],
    ['not finite', Number.POSITIVE_INFINITY],
    ['not a number', Number.NaN],
    ['text', '600'],
    ['null', null],
    ['beyond what a clock of picoseconds can hold', 1e300],
    ['without a value', { low: 1, high: 2 }],
  ])('when a number is %s', (_, value) => {
    expect(refusal({ ...SOC, quantities: { hardirq: value } })).toMatch(
      /board\.json: quantities\.hardirq.*number from 0\.001 to 1000000000, in cycles or ns/,
    );
  });

  it('when a count is broken, or too large for the model', () => {
    expect(refusal({ ...SOC, quantities: { iotlbSets: 1.5 } })).toMatch(/whole number/);
    expect(refusal({ ...SOC, quantities: { iotlbSets: 65_536, iotlbWays: 65_536 } })).toMatch(
      /too large/,
    );
    expect(refusal({ ...SOC, quantities: { identityOrder: 5 } })).toMatch(/use 0 or 9/);
    expect(refusal({ ...SOC, quantities: { ddioWays: 12 } })).toMatch(/12 of 11 ways/);
  });

  it('when a range does not hold its value', () => {
    expect(refusal({ ...SOC, quantities: { hardirq: { value: 500, low: 600 } } })).toMatch(
      /quantities\.hardirq.*low <= value <= high/,
    );
  });

  it('when it asks for what the base’s architecture has not', () => {
    expect(refusal({ ...SOC, quantities: { tlbiBroadcast: 5 } })).toMatch(/no tlbiBroadcast/);
    expect(refusal({ ...SOC, iommu: 'SMMUv3' })).toMatch(/use VT-d or AMD-Vi/);
    expect(refusal({ ...HYPERVISOR, base: 'xen-arm-dom0', costs: { x86: {} } })).toMatch(
      /does not run on x86/,
    );
  });

  it('when it gives a machine without a copy engine only a part of one', () => {
    expect(refusal({ ...SOC, base: 'cortex-a72', engine: { rate: 2 } })).toMatch(
      /no copy engine to take submit from .* give submit \(ns\)/,
    );
  });

  it('where a profile of the other kind is wanted', () => {
    expect(() => applySoc(parseProfile(HYPERVISOR))).toThrow(/give a profile of kind soc/);
    expect(() => applyHypervisor(parseProfile(SOC))).toThrow(/kind hypervisor/);
  });
});

describe('a profile of one’s own', () => {
  it('is its base where it says nothing', () => {
    const soc = applySoc(parseProfile(SOC));
    expect(soc).toMatchObject({ id: 'my-board', family: 'xeon-2020', name: 'My board' });
    expect(socRows(soc)).toEqual(socRows(socOf('xeon-2020')));
    expect(profileHash(soc)).not.toBe(profileHash(socOf('xeon-2020')));
  });

  it('replaces a number in the base’s unit, and says whose it is', () => {
    const { quantities } = applySoc(
      parseProfile({
        ...SOC,
        quantities: {
          copyColdRate: 6,
          hardirq: { value: 900, low: 700, high: 1000, source: 'ftrace, May', tag: 'S' },
          ddioWays: 0,
        },
      }),
    );
    expect(quantities.copyColdRate).toEqual({
      value: 6,
      unit: 'GB/s',
      low: 6,
      high: 6,
      tag: 'user',
      source: 'the user’s profile my-board',
    });
    expect(quantities.hardirq).toEqual({
      value: 900,
      unit: 'ns',
      low: 700,
      high: 1000,
      tag: 'S',
      source: 'the user’s profile my-board: ftrace, May',
    });
    expect(quantities.ddioWays.value).toBe(0);
    expect(quantities.syscall).toBe(socOf('xeon-2020').quantities.syscall);
  });

  it('takes away a copy engine, changes one, or brings one', () => {
    expect(applySoc(parseProfile({ ...SOC, engine: null })).engine).toBeNull();
    const faster = applySoc(parseProfile({ ...SOC, engine: { name: 'DSA', rate: 30 } })).engine;
    expect(faster).toMatchObject({ name: 'DSA', rate: { value: 30, unit: 'GB/s' } });
    expect(faster?.submit).toBe(socOf('xeon-2020').engine?.submit);
    const whole = {
      submit: 400,
      perDescriptor: 100,
      rate: 1.8,
      completionPoll: 2000,
      completionIrq: 9000,
      ringEntries: 256,
      descriptorBytesMax: 65_536,
    };
    const brought = applySoc(parseProfile({ ...SOC, base: 'cortex-a72', engine: whole })).engine;
    expect(brought).toMatchObject({
      name: 'copy engine of My board',
      submit: { value: 400, unit: 'ns', tag: 'user' },
      ringEntries: { value: 256, unit: 'count' },
    });
  });

  it('changes coherence and IOMMU, on which flushes depend', () => {
    const soc = applySoc(parseProfile({ ...SOC, dmaCoherent: false, iommu: 'AMD-Vi' }));
    expect(soc.dmaCoherent).toBe(false);
    expect(resolveCosts(soc, hypervisorOf('xen-pvh-dom0'), 0).iommuSync).toBe('per-grant');
  });

  it('keeps what its base’s cores have: a hypervisor costs there what it costs on the base', () => {
    const soc = applySoc(parseProfile({ ...SOC, base: 'neoverse-n1' }));
    expect(resolveCosts(soc, hypervisorOf('kvm-vhost'), 0).hypercall).toBe(292_000);
  });

  it('of a hypervisor counts on every machine of its architecture, and on no other', () => {
    const mine = applyHypervisor(
      parseProfile({
        ...HYPERVISOR,
        costs: { arm: { hypercall: 1200 } },
        mitigations: 'all that Linux 6.12 switches on',
      }),
    );
    const kvm = hypervisorOf('kvm-vhost');
    const hypercall = (profile: typeof kvm, soc: string) =>
      resolveCosts(socOf(soc), profile, 0).hypercall;
    expect(hypercall(mine, 'neoverse-n1')).toBe(400_000);
    expect(hypercall(mine, 'cortex-a53')).toBe(1_000_000);
    expect(hypercall(mine, 'epyc-2020')).toBe(hypercall(kvm, 'epyc-2020'));
    expect(resolveCosts(socOf('neoverse-n1'), mine, 0).trap).toBe(419_000);
    expect(mine.mitigations).toMatch(/6\.12/);
    expect(mine.tlb).toEqual(kvm.tlb);
  });

  it('has a schema that names every quantity', () => {
    const text = JSON.stringify(profileJsonSchema());
    const names = [...quantityNames('soc'), ...quantityNames('hypervisor')];
    const missing = names.filter((name) => !text.includes(`"${name.replace('engine.', '')}":`));
    expect(missing).toEqual([]);
    expect(v.is(ProfileOverrideSchema, SOC)).toBe(true);
  });
});
