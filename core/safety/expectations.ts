/**
 * What the field expects each strategy to be exposed to, as a table that a test walks. A run that
 * contradicts a cell is looked into: the model is mended, or the table says why it is wrong.
 *
 * A cell holds for one strategy and one hazard. `inherent` must show when its trigger is there,
 * `possible` may, and where there is no entry the hazard must not show, whatever the trigger. Beyond
 * the cells, `expectationOf` knows what changes with hypervisor, topology and adversary.
 */
import type { HazardId, StrategyId, TopologyId } from '../contract/ids.ts';

/** What a run is exposed to on purpose. */
export const ADVERSARIES = [
  'none',
  'balloon',
  'rogue-device',
  'rogue-frontend',
  'rogue-backend',
  'dead-peer',
  'slow-peer',
  'scarcity',
] as const;
export type Adversary = (typeof ADVERSARIES)[number];

export type Expectation = 'some' | 'none' | 'open';

/** By hazard: `!` inherent, `?` possible. */
type Row = Partial<Record<HazardId, '!' | '?'>>;

/**
 * Sources: the threads of 2013 (xen-devel, PV network improvements; A to G), 2014 (xen-devel, XenGT: H
 * to J; grant map and unmap: T), 2018 (iommu list, read-only identity mapping: P to S), 2020
 * (stratos-dev, virtio: K to O), as read against Xen and Linux sources.
 */
const MATRIX: Readonly<Record<StrategyId, Row>> = {
  'grant-map': {
    H1: '?',
    H2: '?',
    H3: '!',
    H4: '?',
    H6: '!',
    H7: '?',
    H8: '!',
    H9a: '!',
    H9b: '!',
  },
  'grant-copy': { H6: '!', H7: '?', H9b: '!' },
  'grant-persistent': { H2: '?', H3: '?', H6: '!', H7: '?', H8: '!', H9a: '!', H9b: '!' },
  'grant-light': {
    H1: '!',
    H2: '?',
    H3: '!',
    H4: '?',
    H6: '?',
    H7: '?',
    H8: '?',
    H9a: '?',
    H9b: '!',
    H10: '?',
  },
  'grant-copy-offload': { H1: '?', H2: '?', H6: '!', H7: '?', H8: '?', H9a: '!', H9b: '!' },
  'map-all-memory': {
    H1: '!',
    H2: '!',
    H3: '!',
    H5: '!',
    H6: '?',
    H7: '!',
    H8: '!',
    H9b: '!',
    H10: '!',
  },
  'grant-device-map': {
    H1: '?',
    H2: '?',
    H3: '!',
    H4: '?',
    H6: '?',
    H7: '?',
    H8: '!',
    H9a: '!',
    H9b: '!',
    H10: '?',
  },
  'gfn-lookup': { H1: '!', H2: '!', H3: '!', H5: '!', H7: '!', H8: '!', H9b: '?', H10: '!' },
  'gfn-map-refcount': { H1: '?', H3: '!', H4: '?', H6: '?', H8: '?', H9a: '!', H9b: '!', H10: '?' },
  'bfn-reserved': {
    H1: '?',
    H2: '?',
    H3: '!',
    H5: '?',
    H6: '?',
    H7: '!',
    H9a: '!',
    H9b: '?',
    H10: '?',
  },
  'swiotlb-bounce': { H3: '?', H6: '!', H7: '?', H8: '!', H9b: '!' },
  'single-fifo': { H3: '?', H6: '!', H7: '?', H8: '!', H9a: '?', H9b: '!' },
  'viommu-strict': { H3: '!', H6: '?', H7: '?', H8: '!', H9a: '?', H9b: '?' },
  'viommu-deferred': {
    H1: '?',
    H2: '!',
    H3: '!',
    H4: '!',
    H6: '?',
    H7: '?',
    H8: '!',
    H9a: '?',
    H9b: '?',
    H10: '!',
  },
  'virtio-grant': {
    H1: '?',
    H2: '?',
    H3: '!',
    H4: '?',
    H6: '!',
    H7: '?',
    H8: '!',
    H9a: '!',
    H9b: '!',
  },
  argo: { H6: '!', H7: '?', H9b: '?' },
  'preshared-frontend': { H3: '?', H6: '?', H7: '?', H8: '!', H9a: '?', H9b: '?' },
  'preshared-backend': { H3: '?', H6: '!', H7: '?', H8: '!', H9a: '?', H9b: '?' },
  'ro-identity-tx': { H2: '!', H3: '!', H4: '?', H6: '?', H7: '!', H8: '?', H10: '?' },
  'iommu-passthrough': { H1: '!', H2: '!', H3: '?', H5: '?', H7: '!', H8: '?', H10: '!' },
  'iommu-strict': { H1: '?', H3: '!', H6: '?', H8: '?' },
  'iommu-lazy': { H1: '?', H2: '!', H3: '!', H4: '!', H6: '?', H8: '?', H10: '!' },
};

/** What brings a hazard about where it is inherent. */
const TRIGGERS: Readonly<Record<HazardId, readonly Adversary[]>> = {
  H1: ['rogue-device'],
  H2: ['rogue-device'],
  H3: ['none'],
  H4: ['none'],
  H5: ['balloon'],
  H6: ['scarcity'],
  H7: ['none'],
  H8: ['rogue-frontend'],
  H9a: ['dead-peer'],
  H9b: ['dead-peer', 'slow-peer'],
  H10: ['rogue-device'],
};

/** Where a run takes place, as far as expectations turn on it. */
export interface Place {
  readonly topology: TopologyId;
  /** Can the device reach all memory whatever is mapped (relaxed dom0, passthrough)? */
  readonly relaxed: boolean;
  /** Does the backend's driver defer invalidations? */
  readonly lazy: boolean;
  /** Is the mechanism there, or only its primitives at that hypervisor's costs? */
  readonly native: boolean;
}

/** What a run of a strategy should show of one hazard, and why where that is not the plain cell. */
export function expectationOf(
  strategy: StrategyId,
  hazard: HazardId,
  place: Place,
  adversary: Adversary,
): { readonly expect: Expectation; readonly why: string } {
  const cell = MATRIX[strategy][hazard];
  const plain = { expect: 'open' as const, why: '' };
  // A device that the IOMMU does not hold back reaches whatever it likes, whoever shares what.
  if (place.relaxed && /^(H1|H2|H7|H10)$/.test(hazard)) {
    return hazard === 'H7' && place.topology === 'mediated'
      ? { expect: 'some', why: 'the device reaches all memory' }
      : { expect: 'open', why: 'the device reaches all memory' };
  }
  // A rogue device that is blocked is H1 too: the report says whether it was refused or got through.
  if (hazard === 'H1' && adversary === 'rogue-device') return { ...plain, why: 'blocked or not' };
  // Deferred invalidation by the backend's own driver has its window under every strategy.
  if (place.lazy && /^(H1|H2|H4|H10)$/.test(hazard)) return { ...plain, why: 'lazy host DMA' };
  // Whoever answers late does so under every strategy.
  if (/^H9/.test(hazard) && /peer$/.test(adversary) && place.topology === 'mediated') {
    return hazard === 'H9b'
      ? { expect: 'some', why: 'the peer plays dead or slow' }
      : { expect: cell === '!' && adversary === 'dead-peer' ? 'some' : 'open', why: 'the peer' };
  }
  if (cell === undefined) return { expect: 'none', why: 'not a hazard of this strategy' };
  if (cell === '?') return plain;
  return TRIGGERS[hazard].includes(adversary) ? { expect: 'some', why: 'inherent' } : plain;
}
