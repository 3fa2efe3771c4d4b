/**
 * What one invalidation of a range drops, and how many commands it takes.
 *
 * VT-d and AMD-Vi name a range by an address and a power of two: the smallest aligned block that holds
 * the range goes, and beyond a limit the whole domain. An SMMU without range commands (before
 * SMMUv3.2) takes one command for each page.
 */
import type { IommuKind } from '../machine/soc/profile.ts';

/** Largest address mask of VT-d's page-selective invalidation, log2 pages: 1 GiB. */
const MAX_ADDRESS_MASK = 18;

export interface InvalidationScope {
  /** First page that is dropped; -1 for the whole domain. */
  readonly first: number;
  readonly pages: number;
  readonly commands: number;
}

export const WHOLE_DOMAIN: InvalidationScope = { first: -1, pages: 0, commands: 1 };

/** @param first page from which `pages` pages, at least one, are to go */
export function scopeOf(kind: IommuKind, first: number, pages: number): InvalidationScope {
  if (kind === 'SMMUv3' || kind === 'SMMUv2') return { first, pages, commands: pages };
  const last = first + pages - 1;
  let order = 0;
  while (Math.floor(first / 2 ** order) !== Math.floor(last / 2 ** order)) order++;
  if (order > MAX_ADDRESS_MASK) return WHOLE_DOMAIN;
  const block = 2 ** order;
  return { first: Math.floor(first / block) * block, pages: block, commands: 1 };
}
