/** Colours that a figure needs. The window reads them from its style sheet, an export has its own. */
import type { ActorId } from '../contract/ids.ts';
import type { Category } from '../contract/kinds.ts';
import type { Family } from './strategies.ts';

export interface FigureTheme {
  readonly surface: string;
  readonly ink: string;
  readonly ink2: string;
  readonly ink3: string;
  readonly grid: string;
  readonly rule: string;
  readonly tooltip: string;
  readonly family: Readonly<Record<Family, string>>;
  /** Variants that reach text contrast on the surface. */
  readonly familyInk: Readonly<Record<Family, string>>;
  readonly category: Readonly<Record<Category, string>>;
  readonly fontFamily: string;
}

/**
 * Fill of each actor in stacked bars: the seven event hues, whose differences are known to hold under
 * colour blindness, each with the work that the actor is known for.
 */
export const ACTOR_CATEGORY: Readonly<Record<ActorId, Category>> = {
  frontend: 'stack',
  backend: 'map',
  hypervisor: 'hypercall',
  vmm: 'notify',
  iommu: 'flush',
  device: 'dma',
  engine: 'copy',
};
