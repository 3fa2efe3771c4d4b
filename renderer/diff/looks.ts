/** How A and B look: the hue of their strategies, and always a letter. */
import type { SideName } from '../../core/diff/index.ts';
import { strategyStyle } from '../../core/figures/strategies.ts';

/** CSS colour of a side's letter and lines. */
export function sideColour({ letter, strategy }: SideName): string {
  const style = strategyStyle(strategy ?? '');
  if (style !== undefined) return `var(--s-${style.family})`;
  return letter === 'A' ? 'var(--acc)' : 'var(--warn)';
}
