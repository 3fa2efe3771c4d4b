/** A series' look as colour, dash and marker. */
import type { Category } from '../../contract/kinds.ts';
import type { Look } from '../chart/model.ts';
import { strategyStyle, type Marker } from '../strategies.ts';
import { ACTOR_CATEGORY, type FigureTheme } from '../theme.ts';

export interface Style {
  readonly colour: string;
  /** For names on the surface. */
  readonly ink: string;
  readonly dash: readonly number[];
  /** A point style of Chart.js. */
  readonly marker: string;
  /** The marker is an outline: a second series of its strategy. */
  readonly hollow: boolean;
}

const POINT_STYLES: Readonly<Record<Marker, string>> = {
  circle: 'circle',
  square: 'rect',
  triangle: 'triangle',
  diamond: 'rectRot',
  cross: 'crossRot',
};

/** Hues of events, whose differences hold under colour blindness, for what has no fixed look. */
const ORDINAL: readonly Category[] = [
  'hypercall',
  'flush',
  'map',
  'dma',
  'copy',
  'notify',
  'stack',
];
const MARKERS: readonly Marker[] = ['circle', 'square', 'triangle', 'diamond', 'cross'];
const DASHES: readonly (readonly number[])[] = [[], [6, 3], [2, 2], [8, 3, 2, 3], [12, 4]];

export function styleOf(look: Look, theme: FigureTheme): Style {
  switch (look.kind) {
    case 'strategy': {
      const style = strategyStyle(look.strategy);
      if (style === undefined) return styleOf({ kind: 'ordinal', index: 6 }, theme);
      return {
        colour: theme.family[style.family],
        ink: theme.familyInk[style.family],
        dash: style.dash,
        marker: POINT_STYLES[style.marker],
        hollow: look.repeat > 0,
      };
    }
    case 'actor':
      return plain(theme.category[ACTOR_CATEGORY[look.actor]], theme);
    case 'category':
      return plain(theme.category[look.category], theme);
    case 'ordinal': {
      const round = Math.floor(look.index / ORDINAL.length);
      const marker = MARKERS[look.index % MARKERS.length] as Marker;
      return {
        colour: theme.category[ORDINAL[look.index % ORDINAL.length] as Category],
        ink: theme.ink,
        dash: DASHES[round % DASHES.length] as readonly number[],
        marker: POINT_STYLES[marker],
        hollow: false,
      };
    }
  }
}

const plain = (colour: string, theme: FigureTheme): Style => ({
  colour,
  ink: theme.ink,
  dash: [],
  marker: 'rect',
  hollow: false,
});
