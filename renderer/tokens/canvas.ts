/**
 * The style sheet's colours for drawing on canvas. Read once per theme: computed style is slow to ask
 * for in every frame.
 */
import { CATEGORIES, type Category } from '../../core/contract/index.ts';
import { FAMILIES, type Family } from '../../core/figures/strategies.ts';
import type { FigureTheme } from '../../core/figures/theme.ts';
import type { HeatColours } from '../../core/figures/heat.ts';

export const FONT = "'Inter Variable', system-ui, sans-serif";
export const MONO = "'JetBrains Mono Variable', ui-monospace, monospace";

const PLAIN = [
  'bg0',
  'bg1',
  'bg2',
  'bg3',
  'line',
  'line2',
  'grid',
  'tx1',
  'tx2',
  'tx3',
  'acc',
  'accbg',
  'accfill',
  'haz',
  'hazbg',
  'sel',
  'warn',
  'good',
  'r-right',
  'r-need',
  'r-stale',
  'r-none',
] as const;

export interface Palette extends Readonly<Record<(typeof PLAIN)[number], string>> {
  readonly category: Readonly<Record<Category, string>>;
  readonly figure: FigureTheme;
  readonly heat: HeatColours;
}

/** Hazards take their own red; kinds without a category take the quiet grey of stacks. */
const VARIABLE: Partial<Record<Category, string>> = { hazard: 'haz', other: 'c-stack' };

export function readPalette(element: Element = document.documentElement): Palette {
  const style = getComputedStyle(element);
  const read = (name: string) => style.getPropertyValue(`--${name}`).trim();
  const plain = Object.fromEntries(PLAIN.map((name) => [name, read(name)])) as Record<
    (typeof PLAIN)[number],
    string
  >;
  const category = Object.fromEntries(
    CATEGORIES.map((name) => [name, read(VARIABLE[name] ?? `c-${name}`)]),
  ) as Record<Category, string>;
  const families = (prefix: string) =>
    Object.fromEntries(FAMILIES.map(({ id }) => [id, read(`${prefix}-${id}`)])) as Record<
      Family,
      string
    >;
  return {
    ...plain,
    category,
    figure: {
      surface: plain.bg1,
      ink: plain.tx1,
      ink2: plain.tx2,
      ink3: plain.tx3,
      grid: plain.grid,
      rule: plain.line2,
      tooltip: plain.bg3,
      family: families('s'),
      familyInk: families('st'),
      category,
      fontFamily: FONT,
    },
    heat: {
      neutral: read('heat-neutral'),
      better: [read('heat-better-0'), read('heat-better-1')],
      worse: [read('heat-worse-0'), read('heat-worse-1')],
      inkOnLight: '#000000',
      inkOnDark: '#ffffff',
    },
  };
}
