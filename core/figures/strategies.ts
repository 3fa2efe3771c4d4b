/**
 * The fixed look of each strategy: hue says the family, dash and marker say the member. The same in
 * every room, chart and export, so that a reader learns it once.
 */
import type { StrategyId } from '../contract/ids.ts';

export const FAMILIES = [
  { id: 'map', name: 'Grant mappings' },
  { id: 'copy', name: 'Hypervisor copies' },
  { id: 'pool', name: 'Pre-shared pools' },
  { id: 'all', name: 'All memory' },
  { id: 'gfn', name: 'Frame lookups' },
  { id: 'iommu', name: 'IOMMU mappings' },
] as const;
export type Family = (typeof FAMILIES)[number]['id'];

export type Marker = 'circle' | 'square' | 'triangle' | 'diamond' | 'cross';

export interface StrategyStyle {
  readonly family: Family;
  /** Lengths of dash and gap; empty for a solid line. */
  readonly dash: readonly number[];
  readonly marker: Marker;
}

const SOLID: readonly number[] = [];
const LONG = [6, 3];
const DOTS = [2, 2];
const MIXED = [8, 3, 2, 3];
const WIDE = [12, 4];

const style = (family: Family, dash: readonly number[], marker: Marker): StrategyStyle => ({
  family,
  dash,
  marker,
});

export const STRATEGY_STYLES: Readonly<Record<StrategyId, StrategyStyle>> = {
  'grant-map': style('map', SOLID, 'circle'),
  'grant-light': style('map', LONG, 'square'),
  'grant-device-map': style('map', DOTS, 'triangle'),
  'virtio-grant': style('map', MIXED, 'diamond'),
  'grant-copy': style('copy', SOLID, 'square'),
  'grant-copy-offload': style('copy', LONG, 'diamond'),
  argo: style('copy', DOTS, 'circle'),
  'grant-persistent': style('pool', SOLID, 'diamond'),
  'swiotlb-bounce': style('pool', LONG, 'circle'),
  'single-fifo': style('pool', DOTS, 'square'),
  'preshared-frontend': style('pool', MIXED, 'triangle'),
  'preshared-backend': style('pool', WIDE, 'cross'),
  'map-all-memory': style('all', SOLID, 'triangle'),
  'ro-identity-tx': style('all', LONG, 'circle'),
  'iommu-passthrough': style('all', DOTS, 'cross'),
  'gfn-lookup': style('gfn', SOLID, 'cross'),
  'gfn-map-refcount': style('gfn', LONG, 'circle'),
  'bfn-reserved': style('gfn', DOTS, 'square'),
  'viommu-strict': style('iommu', SOLID, 'circle'),
  'viommu-deferred': style('iommu', LONG, 'square'),
  'iommu-strict': style('iommu', DOTS, 'diamond'),
  'iommu-lazy': style('iommu', MIXED, 'triangle'),
};

/** The look of a strategy, or undefined for a name this version does not know. */
export function strategyStyle(id: string): StrategyStyle | undefined {
  return Object.hasOwn(STRATEGY_STYLES, id) ? STRATEGY_STYLES[id as StrategyId] : undefined;
}

/** Order of families, then of members: the order of rows in tables and matrices. */
export function byFamily(a: string, b: string): number {
  const order = Object.keys(STRATEGY_STYLES);
  return order.indexOf(a) - order.indexOf(b);
}
