/** Contradictions between runs and table that stay, each with the reason. */
import type { HazardId, StrategyId } from '../../core/contract/ids.ts';
import type { Adversary } from '../../core/safety/expectations.ts';

export interface Explained {
  readonly strategy: StrategyId;
  readonly hazard: HazardId;
  readonly adversary: Adversary;
  readonly where: RegExp;
  /** One sentence. */
  readonly why: string;
}

/** None is left: what the walk found was mended in the model, or the table says why it is so. */
export const EXPLAINED: readonly Explained[] = [];
