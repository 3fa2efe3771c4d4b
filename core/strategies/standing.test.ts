/** What strategies claim to be. */
import { describe, expect, it } from 'vitest';
import { parseScenario } from '../contract/scenario.ts';
import { judge } from '../experiment/index.ts';
import { STRATEGIES } from './index.ts';

describe('what is nowhere upstream', () => {
  it('is not called merged: PV-IOMMU is XenServer’s and XCP-ng’s', () => {
    const reserved = STRATEGIES.find((each) => each.id === 'bfn-reserved');
    expect(reserved?.standing).toBe('shipped');
  });

  it.each(['preshared-frontend', 'preshared-backend'] as const)(
    'is hypothetical, whoever shares the region: a FIFO in it (%s)',
    (strategy) => {
      const pair = (layout: 'slots' | 'fifo') =>
        judge(parseScenario({ strategy, hypervisor: 'kvm-vhost', preshared: { layout } })).status;
      expect(pair('fifo')).toBe('hypothetical');
      expect(pair('slots')).toBe('native');
    },
  );
});
