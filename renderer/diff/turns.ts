/** How a hazard or a reach turned from A to B, in words. */
import type { Turn } from '../../core/contract/diff.ts';

export const TURNS: Readonly<
  Record<Turn, { readonly text: string; readonly look: 'hazard' | 'good' | 'warn' | 'plain' }>
> = {
  appears: { text: 'appears in B', look: 'hazard' },
  vanishes: { text: 'vanishes in B', look: 'good' },
  more: { text: 'more in B', look: 'warn' },
  less: { text: 'less in B', look: 'good' },
  same: { text: 'the same', look: 'plain' },
  'not checked in a': { text: 'not checked in A', look: 'plain' },
  'not checked in b': { text: 'not checked in B', look: 'plain' },
};
