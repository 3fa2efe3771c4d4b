/** How A and B look: the hue, dash and marker of their strategies, and always a letter. */
import type { SideLook } from '../../core/figures/latency-curves.ts';
import { strategyStyle } from '../../core/figures/strategies.ts';
import type { FigureTheme } from '../../core/figures/theme.ts';

/** What is known of a side before its colours are. */
export interface SideName {
  readonly letter: 'A' | 'B';
  readonly name: string;
  readonly strategy: string | null;
  /** The second of two runs of one strategy. */
  readonly hollow: boolean;
}

/** CSS colour of a side's letter and lines. */
export function sideColour({ letter, strategy }: SideName): string {
  const style = strategyStyle(strategy ?? '');
  if (style !== undefined) return `var(--s-${style.family})`;
  return letter === 'A' ? 'var(--acc)' : 'var(--warn)';
}

export function sideLook(side: SideName, theme: FigureTheme, fallback: string): SideLook {
  const style = strategyStyle(side.strategy ?? '');
  return {
    name: `${side.letter} ${side.name}`,
    colour: style === undefined ? fallback : theme.family[style.family],
    dash: style?.dash ?? (side.letter === 'A' ? [] : [6, 3]),
    marker: style?.marker ?? (side.letter === 'A' ? 'circle' : 'square'),
    hollow: side.hollow,
  };
}
