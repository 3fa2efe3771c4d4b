import { describe, expect, it } from 'vitest';
import { parseScenario } from '../contract/scenario.ts';
import { alternatives } from './alternatives.ts';

const lazy = parseScenario({
  strategy: 'grant-map',
  hypervisor: 'kvm-vhost',
  hostDma: 'lazy',
});

describe('what would do without a hazard', () => {
  it('does not offer what is refused there', () => {
    const offered = alternatives(lazy, 'H4').map((each) => each.strategy);
    expect(offered).not.toContain('iommu-strict');
    expect(new Set(offered).size).toBeGreaterThan(5);
  });

  it('begins with the scenario itself', () => {
    const [own] = alternatives(lazy, 'H4');
    expect(own).toMatchObject({ strategy: 'grant-map', hostDma: 'lazy' });
    expect(own?.expect).not.toBe('none');
  });

  it('promises nothing that the run’s own adversary takes away', () => {
    const free = (rogueDevice: boolean) =>
      alternatives(
        parseScenario({
          strategy: 'grant-map',
          hypervisor: 'xen-pv-dom0-strict',
          faults: { rogueDevice },
        }),
        'H1',
      )
        .filter((each) => each.expect === 'none')
        .map((each) => each.strategy);
    expect(free(false)).toContain('grant-copy');
    // What an IOMMU refuses to a rogue device is H1 as well.
    expect(free(true)).toEqual([]);
  });

  it('knows strategies that never have the hazard, and other modes of the host', () => {
    const without = (hazard: 'H3' | 'H4') =>
      alternatives(lazy, hazard)
        .filter((each) => each.expect === 'none')
        .map((each) => `${each.strategy} ${each.hostDma}`);
    expect(without('H3')).toContain('grant-copy lazy');
    // The host's own driver leaves entries behind whatever the strategy.
    expect(without('H4')).toContain('grant-copy strict');
    expect(without('H4').filter((each) => each.endsWith(' lazy'))).toEqual([]);
  });
});
