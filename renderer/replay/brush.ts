/** Canvas helpers that every part of the timeline draws with. */
import { CATEGORIES, type Category } from '../../core/contract/index.ts';
import { mix } from '../../core/figures/heat.ts';
import { FONT, type Palette } from '../tokens/canvas.ts';

export type Context2d = CanvasRenderingContext2D;

export interface Paint {
  readonly fill: string | CanvasPattern;
  /** The same, faded into the surface. */
  readonly dim: string | CanvasPattern;
  /** A darker edge, for fills that are too light on white. */
  readonly edge: string;
  readonly ink: string;
}

/** Share of a span's own colour that remains while another request is followed. */
const DIM = 0.42;

export interface Brushes {
  readonly palette: Palette;
  readonly light: boolean;
  /** By index into `CATEGORIES`. */
  readonly paints: readonly Paint[];
  readonly hazardHatch: CanvasPattern | string;
  readonly waitHatch: CanvasPattern | string;
}

export function hatch(
  context: Context2d,
  line: string,
  background: string | null,
  pitch: number,
  width: number,
): CanvasPattern | string {
  const ratio = devicePixelRatio;
  const tile = document.createElement('canvas');
  const size = Math.round(pitch * ratio);
  tile.width = size;
  tile.height = size;
  const draw = tile.getContext('2d');
  if (draw === null) return line;
  if (background !== null) {
    draw.fillStyle = background;
    draw.fillRect(0, 0, size, size);
  }
  draw.strokeStyle = line;
  draw.lineWidth = width * ratio;
  draw.lineCap = 'square';
  draw.beginPath();
  for (const shift of [-size, 0, size]) {
    draw.moveTo(shift, size);
    draw.lineTo(shift + size, 0);
  }
  draw.stroke();
  const pattern = context.createPattern(tile, 'repeat');
  if (pattern === null) return line;
  // The context is scaled to CSS pixels; the tile is in device pixels.
  pattern.setTransform(new DOMMatrix().scale(1 / ratio));
  return pattern;
}

const WHITE_INK: ReadonlySet<Category> = new Set(['dma', 'stack', 'hazard', 'other']);

export function brushesOf(context: Context2d, palette: Palette, light: boolean): Brushes {
  const waitHatch = hatch(context, palette.tx3, palette.bg2, 5, 1);
  const waitDim = hatch(context, mix(palette.bg1, palette.tx3, DIM), palette.bg1, 5, 1);
  const paints = CATEGORIES.map((name): Paint => {
    const fill = palette.category[name];
    if (name === 'wait') {
      return { fill: waitHatch, dim: waitDim, edge: palette.line2, ink: palette.tx2 };
    }
    return {
      fill,
      dim: mix(palette.bg1, fill, DIM),
      edge: mix(fill, '#000000', 0.25),
      ink: WHITE_INK.has(name) ? '#ffffff' : '#0e1114',
    };
  });
  return {
    palette,
    light,
    paints,
    waitHatch,
    hazardHatch: hatch(context, palette.haz, palette.hazbg, 6, 1),
  };
}

export function font(size: number, weight = 400): string {
  return `${weight} ${size}px ${FONT}`;
}

const widths = new Map<string, number>();

/** Width of a text in the context's present font; measured once per font and text. */
export function measure(context: Context2d, text: string): number {
  const key = `${context.font}|${text}`;
  const known = widths.get(key);
  if (known !== undefined) return known;
  if (widths.size > 20_000) widths.clear();
  const width = context.measureText(text).width;
  widths.set(key, width);
  return width;
}

/** Fits a canvas to its box in device pixels and clears it; null when it has no size. */
export function begin(canvas: HTMLCanvasElement, width: number, height: number): Context2d | null {
  const ratio = devicePixelRatio;
  const w = Math.round(width * ratio);
  const h = Math.round(height * ratio);
  if (w === 0 || h === 0) return null;
  if (canvas.width !== w) canvas.width = w;
  if (canvas.height !== h) canvas.height = h;
  const context = canvas.getContext('2d');
  if (context === null) return null;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.textBaseline = 'middle';
  return context;
}

export function diamond(context: Context2d, x: number, y: number, r: number): void {
  context.beginPath();
  context.moveTo(x, y - r);
  context.lineTo(x + r, y);
  context.lineTo(x, y + r);
  context.lineTo(x - r, y);
  context.closePath();
}
