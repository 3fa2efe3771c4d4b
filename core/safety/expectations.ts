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
  // H9a: the pins are the hypervisor's, which drops them when its engine is done, whoever has died.
  'grant-copy-offload': {
    H1: '?',
    H2: '?',
    H6: '!',
    H7: '?',
    H8: '?',
    H9a: '?',
    H9b: '!',
    H10: '?',
  },
  // H3, here and wherever reach stands: told where a mapping is made for a part of a page. What stands
  // is H7, and its excess is in the exposure.
  'map-all-memory': {
    H1: '!',
    H2: '!',
    H3: '?',
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
  // H3 of what a graphics table names: whole pages, of which nothing lies outside what was meant.
  'gfn-lookup': { H1: '!', H2: '!', H3: '?', H5: '!', H7: '!', H8: '!', H9b: '?', H10: '!' },
  // H9b: what waits is the guest's own update; what the device keeps is its page (H9a). H8, here and
  // below: the guest draws where the device reads, as under gfn-lookup.
  'gfn-map-refcount': { H1: '?', H3: '?', H4: '?', H6: '?', H8: '?', H9a: '!', H9b: '?', H10: '?' },
  'bfn-reserved': {
    H1: '?',
    H2: '?',
    H3: '?',
    H5: '?',
    H6: '?',
    H7: '!',
    H8: '?',
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
  'ro-identity-tx': { H2: '!', H3: '?', H4: '?', H6: '?', H7: '!', H8: '?', H10: '?' },
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

/** A page that an emulator keeps shows when the guest wants to give it back. */
const KEEPS_BALLOONED: readonly StrategyId[] = ['gfn-map-refcount', 'bfn-reserved'];

/** Mapped for the device and for nobody else. */
const FOR_DEVICE_ALONE: readonly StrategyId[] = ['grant-light', 'grant-device-map'];

/** Carried by a virtio backend, which may copy what it is given. */
const BY_VIRTIO: readonly StrategyId[] = [
  'map-all-memory',
  'swiotlb-bounce',
  'single-fifo',
  'viommu-strict',
  'viommu-deferred',
  'virtio-grant',
  'preshared-frontend',
  'preshared-backend',
];

function triggersOf(strategy: StrategyId, hazard: HazardId): readonly Adversary[] {
  if (hazard === 'H9a' && KEEPS_BALLOONED.includes(strategy)) return ['balloon'];
  return TRIGGERS[hazard];
}

/** Where a run takes place, as far as expectations turn on it. */
export interface Place {
  readonly topology: TopologyId;
  /** Can the device reach all memory whatever is mapped (relaxed dom0, passthrough)? */
  readonly relaxed: boolean;
  /** Does the backend's driver defer invalidations? */
  readonly lazy: boolean;
  /** Is the mechanism there, or only its primitives at that hypervisor's costs? */
  readonly native: boolean;
  /** Does a host kernel hold a reference to pages of a guest while its own backend works on them? */
  readonly hostPins: boolean;
  /** Do virtio backends copy what they are given, and look at it no more? */
  readonly backendCopies: boolean;
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
  // Then it needs no mapping made for it, of which a part could be too much.
  if (place.relaxed && hazard === 'H3' && FOR_DEVICE_ALONE.includes(strategy)) {
    return { expect: 'none', why: 'the device reaches all memory: H7' };
  }
  if (place.topology === 'mediated' && place.backendCopies && BY_VIRTIO.includes(strategy)) {
    if (/^(H1|H2|H10)$/.test(hazard) && cell !== undefined) {
      return { ...plain, why: 'the device works on the backend’s copy' };
    }
    if (hazard === 'H8') return { ...plain, why: 'the backend looks once, and copies' };
  }
  if (hazard === 'H9a' && adversary === 'balloon' && place.hostPins && place.native) {
    return { ...plain, why: 'what the host works on it leaves with the guest' };
  }
  if (hazard === 'H5' && place.hostPins && place.native) {
    return { expect: 'none', why: 'the host holds a reference while it works (get_user_pages)' };
  }
  if (hazard === 'H9a' && adversary === 'balloon' && place.topology === 'assigned') {
    if (cell === undefined) return { ...plain, why: 'VFIO keeps pinned what the guest gives back' };
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
  return triggersOf(strategy, hazard).includes(adversary)
    ? { expect: 'some', why: 'inherent' }
    : plain;
}
