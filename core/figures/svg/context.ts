/**
 * A drawing context that writes SVG: what Chart.js and the overlays call of a canvas's 2D context, each
 * call as an element. Text stays text, lines stay paths, coordinates have two decimals and nothing is
 * random, so that the same chart is the same file, byte for byte.
 */

/** Width of a text in pixels in a font as CSS writes it. */
export type Measure = (text: string, font: string) => number;

/** a, b, c, d, e, f of a canvas: x' = ax + cy + e, y' = bx + dy + f. */
type Matrix = readonly [number, number, number, number, number, number];
const IDENTITY: Matrix = [1, 0, 0, 1, 0, 0];

interface State {
  fillStyle: string;
  strokeStyle: string;
  lineWidth: number;
  lineCap: string;
  lineJoin: string;
  lineDashOffset: number;
  globalAlpha: number;
  font: string;
  textAlign: string;
  textBaseline: string;
  dash: readonly number[];
  matrix: Matrix;
  /** Groups opened since this state was saved. */
  groups: number;
}

const START: State = {
  fillStyle: '#000000',
  strokeStyle: '#000000',
  lineWidth: 1,
  lineCap: 'butt',
  lineJoin: 'miter',
  lineDashOffset: 0,
  globalAlpha: 1,
  font: '10px sans-serif',
  textAlign: 'start',
  textBaseline: 'alphabetic',
  dash: [],
  matrix: IDENTITY,
  groups: 0,
};

/** From the given line of a text to its baseline, in heights of the text: Inter's own metrics. */
const BASELINE: Readonly<Record<string, number>> = {
  top: 0.93,
  hanging: 0.73,
  middle: 0.364,
  bottom: -0.24,
  ideographic: -0.24,
};
const ANCHOR: Readonly<Record<string, string>> = { center: 'middle', right: 'end', end: 'end' };

export class SvgContext {
  readonly canvas: SvgCanvas;
  readonly #measure: Measure;
  readonly #elements: string[] = [];
  readonly #clips = new Map<string, string>();
  readonly #stack: State[] = [];
  #state: State = { ...START };
  #path = '';
  /** Path of the last element, as long as it is filled and not yet stroked. */
  #filled: { readonly path: string; readonly fill: string } | null = null;

  constructor(width: number, height: number, measure: Measure) {
    this.#measure = measure;
    this.canvas = new SvgCanvas(width, height, this);
  }

  /** The elements drawn, and the definitions that they refer to. */
  get content(): string {
    const clips = [...this.#clips].map(
      ([path, id]) => `<clipPath id="${id}"><path d="${path}"/></clipPath>`,
    );
    const definitions = clips.length === 0 ? [] : ['<defs>', ...clips, '</defs>'];
    return [...definitions, ...this.#elements].join('\n');
  }

  // State.

  get fillStyle() {
    return this.#state.fillStyle;
  }
  set fillStyle(value: string) {
    this.#state.fillStyle = value;
  }
  get strokeStyle() {
    return this.#state.strokeStyle;
  }
  set strokeStyle(value: string) {
    this.#state.strokeStyle = value;
  }
  get lineWidth() {
    return this.#state.lineWidth;
  }
  set lineWidth(value: number) {
    this.#state.lineWidth = value;
  }
  get lineCap() {
    return this.#state.lineCap;
  }
  set lineCap(value: string) {
    this.#state.lineCap = value;
  }
  get lineJoin() {
    return this.#state.lineJoin;
  }
  set lineJoin(value: string) {
    this.#state.lineJoin = value;
  }
  get lineDashOffset() {
    return this.#state.lineDashOffset;
  }
  set lineDashOffset(value: number) {
    this.#state.lineDashOffset = value;
  }
  get globalAlpha() {
    return this.#state.globalAlpha;
  }
  set globalAlpha(value: number) {
    this.#state.globalAlpha = value;
  }
  get font() {
    return this.#state.font;
  }
  set font(value: string) {
    this.#state.font = value;
  }
  get textAlign() {
    return this.#state.textAlign;
  }
  set textAlign(value: string) {
    this.#state.textAlign = value;
  }
  get textBaseline() {
    return this.#state.textBaseline;
  }
  set textBaseline(value: string) {
    this.#state.textBaseline = value;
  }
  setLineDash(dash: readonly number[]) {
    this.#state.dash = [...dash];
  }
  getLineDash() {
    return [...this.#state.dash];
  }

  save() {
    this.#stack.push(this.#state);
    this.#state = { ...this.#state, groups: 0 };
  }
  restore() {
    const before = this.#stack.pop();
    if (before === undefined) return;
    for (let i = 0; i < this.#state.groups; i++) this.#add('</g>');
    this.#state = before;
  }

  // Transformation: points are transformed as they are drawn.

  setTransform(a: number, b: number, c: number, d: number, e: number, f: number) {
    this.#state.matrix = [a, b, c, d, e, f];
  }
  resetTransform() {
    this.#state.matrix = IDENTITY;
  }
  transform(a: number, b: number, c: number, d: number, e: number, f: number) {
    const [ma, mb, mc, md, me, mf] = this.#state.matrix;
    this.#state.matrix = [
      ma * a + mc * b,
      mb * a + md * b,
      ma * c + mc * d,
      mb * c + md * d,
      ma * e + mc * f + me,
      mb * e + md * f + mf,
    ];
  }
  translate(x: number, y: number) {
    this.transform(1, 0, 0, 1, x, y);
  }
  scale(x: number, y: number) {
    this.transform(x, 0, 0, y, 0, 0);
  }
  rotate(angle: number) {
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    this.transform(cos, sin, -sin, cos, 0, 0);
  }
  #at(x: number, y: number): readonly [number, number] {
    const [a, b, c, d, e, f] = this.#state.matrix;
    return [a * x + c * y + e, b * x + d * y + f];
  }
  #point(x: number, y: number): string {
    const [px, py] = this.#at(x, y);
    return `${round(px)} ${round(py)}`;
  }

  // Paths.

  beginPath() {
    this.#path = '';
  }
  closePath() {
    if (this.#path !== '') this.#path += 'Z';
  }
  moveTo(x: number, y: number) {
    this.#path += `M${this.#point(x, y)}`;
  }
  /** Chart.js draws a first line to where it is; that would be seen as a point too many. */
  lineTo(x: number, y: number) {
    const point = this.#point(x, y);
    if (this.#path.endsWith(`M${point}`)) return;
    this.#path += `${this.#path === '' ? 'M' : 'L'}${point}`;
  }
  bezierCurveTo(ax: number, ay: number, bx: number, by: number, x: number, y: number) {
    this.#path += `C${this.#point(ax, ay)} ${this.#point(bx, by)} ${this.#point(x, y)}`;
  }
  quadraticCurveTo(ax: number, ay: number, x: number, y: number) {
    this.#path += `Q${this.#point(ax, ay)} ${this.#point(x, y)}`;
  }
  /** The matrix never skews or mirrors here, so that a circle stays a circle. */
  arc(x: number, y: number, radius: number, from: number, to: number, back = false) {
    const whole = Math.abs(to - from) >= Math.PI * 2 - 1e-6;
    const turn = back ? -1 : 1;
    let sweep = ((to - from) * turn) % (Math.PI * 2);
    if (sweep < 0) sweep += Math.PI * 2;
    if (whole) sweep = Math.PI * 2;
    const on = (angle: number): [number, number] => [
      x + Math.cos(angle) * radius,
      y + Math.sin(angle) * radius,
    ];
    const [a, b] = this.#state.matrix;
    const r = round(radius * Math.hypot(a, b));
    this.lineTo(...on(from));
    // Half a turn at a time: an arc that ends where it begins would be nothing.
    const parts = sweep > Math.PI ? 2 : 1;
    for (let i = 1; i <= parts; i++) {
      const end = on(from + (turn * sweep * i) / parts);
      this.#path += `A${r} ${r} 0 0 ${back ? 0 : 1} ${this.#point(...end)}`;
    }
  }
  ellipse(x: number, y: number, rx: number, ry: number, _turn: number, from: number, to: number) {
    this.arc(x, y, (rx + ry) / 2, from, to);
  }
  rect(x: number, y: number, width: number, height: number) {
    this.moveTo(x, y);
    this.lineTo(x + width, y);
    this.lineTo(x + width, y + height);
    this.lineTo(x, y + height);
    this.closePath();
  }
  roundRect(x: number, y: number, width: number, height: number) {
    this.rect(x, y, width, height);
  }

  fill(rule = 'nonzero') {
    const paint = this.#fillOf(this.#state.fillStyle);
    if (this.#path === '' || paint === null) return;
    const fill = rule === 'evenodd' ? `${paint} fill-rule="evenodd"` : paint;
    this.#add(`<path d="${this.#path}"${fill}/>`);
    this.#filled = { path: this.#path, fill };
  }
  stroke() {
    const stroke = this.#strokeOf();
    if (this.#path === '' || stroke === null) return;
    const both = this.#filled?.path === this.#path ? this.#filled.fill : null;
    if (both !== null) this.#elements.pop();
    this.#add(`<path d="${this.#path}"${both ?? ' fill="none"'}${stroke}/>`);
  }
  clip() {
    const id = this.#clips.get(this.#path) ?? `clip${this.#clips.size + 1}`;
    this.#clips.set(this.#path, id);
    this.#add(`<g clip-path="url(#${id})">`);
    this.#state.groups += 1;
  }

  fillRect(x: number, y: number, width: number, height: number) {
    this.#alone(() => {
      this.rect(x, y, width, height);
      this.fill();
    });
  }
  strokeRect(x: number, y: number, width: number, height: number) {
    this.#alone(() => {
      this.rect(x, y, width, height);
      this.stroke();
    });
  }
  /** Chart.js clears before it draws; a new file is clear. */
  clearRect() {
    return;
  }
  /** Draws without touching the path that is being made. */
  #alone(draw: () => void) {
    const before = this.#path;
    this.#path = '';
    draw();
    this.#path = before;
  }

  // Text.

  measureText(text: string): { readonly width: number } {
    return { width: this.#measure(text, this.#state.font) };
  }
  fillText(text: string, x: number, y: number) {
    const fill = this.#fillOf(this.#state.fillStyle);
    if (fill !== null) this.#text(text, x, y, fill);
  }
  strokeText(text: string, x: number, y: number) {
    const stroke = this.#strokeOf();
    if (stroke !== null) this.#text(text, x, y, ` fill="none"${stroke} stroke-linejoin="round"`);
  }
  #text(text: string, x: number, y: number, paint: string) {
    if (text === '') return;
    const { font, textAlign, textBaseline, matrix } = this.#state;
    const { size, weight, style } = parseFont(font);
    const down = y + (BASELINE[textBaseline] ?? 0) * size;
    const anchor = ANCHOR[textAlign];
    const [a, b, c, d, e, f] = matrix;
    const turned = b !== 0 || c !== 0;
    const [px, py] = turned ? [x, down] : this.#at(x, down);
    const attributes = [
      ` x="${round(px)}" y="${round(py)}" font-size="${round(size)}"`,
      weight === '400' ? '' : ` font-weight="${weight}"`,
      style === 'normal' ? '' : ` font-style="${style}"`,
      anchor === undefined ? '' : ` text-anchor="${anchor}"`,
      turned ? ` transform="matrix(${[a, b, c, d, e, f].map(fine).join(' ')})"` : '',
    ];
    this.#add(`<text${attributes.join('')}${paint}>${escapeXml(text)}</text>`);
  }

  #add(element: string) {
    this.#elements.push(element);
    this.#filled = null;
  }

  /** Null where it would not be seen. */
  #fillOf(style: string): string | null {
    const paint = this.#paint(style);
    if (paint === null) return null;
    return ` fill="${paint.colour}"${paint.alpha === 1 ? '' : ` fill-opacity="${fine(paint.alpha)}"`}`;
  }
  #strokeOf(): string | null {
    const { strokeStyle, lineWidth, lineCap, lineJoin, lineDashOffset, dash } = this.#state;
    const paint = this.#paint(strokeStyle);
    if (paint === null || !(lineWidth > 0)) return null;
    return [
      ` stroke="${paint.colour}"`,
      paint.alpha === 1 ? '' : ` stroke-opacity="${fine(paint.alpha)}"`,
      lineWidth === 1 ? '' : ` stroke-width="${round(lineWidth)}"`,
      lineCap === 'butt' ? '' : ` stroke-linecap="${lineCap}"`,
      lineJoin === 'miter' ? '' : ` stroke-linejoin="${lineJoin}"`,
      dash.length === 0 ? '' : ` stroke-dasharray="${dash.map(round).join(' ')}"`,
      dash.length === 0 || lineDashOffset === 0
        ? ''
        : ` stroke-dashoffset="${round(lineDashOffset)}"`,
    ].join('');
  }
  #paint(style: string) {
    const paint = parseColour(style);
    const alpha = paint.alpha * this.#state.globalAlpha;
    return alpha === 0 ? null : { colour: paint.colour, alpha };
  }
}

/** What Chart.js wants of the element around the context. */
export class SvgCanvas {
  readonly style = {};
  width: number;
  height: number;
  readonly #context: SvgContext;

  constructor(width: number, height: number, context: SvgContext) {
    this.width = width;
    this.height = height;
    this.#context = context;
  }
  getContext() {
    return this.#context;
  }
  getAttribute(name: string) {
    return name === 'width' ? this.width : name === 'height' ? this.height : null;
  }
  setAttribute() {
    return;
  }
  addEventListener() {
    return;
  }
  removeEventListener() {
    return;
  }
}

const round = (value: number): string => fixedTo(value, 2);
const fine = (value: number): string => fixedTo(value, 4);
/** Without trailing zeros, and never `-0`. */
function fixedTo(value: number, digits: number): string {
  const text = value.toFixed(digits).replace(/\.?0+$/, '');
  return text === '-0' ? '0' : text;
}

/** `italic 500 11px Inter, sans-serif`. */
function parseFont(font: string) {
  const [, before = '', size = '10'] = /^(.*?)([\d.]+)px/.exec(font) ?? [];
  const words = before.trim().split(/\s+/);
  return {
    size: Number(size),
    weight: words.find((word) => /^\d+$/.test(word)) ?? (words.includes('bold') ? '700' : '400'),
    style: words.includes('italic') ? 'italic' : 'normal',
  };
}

/** `#rrggbb`, `#rrggbbaa`, `rgb()`, `rgba()` and `transparent`, as colour and opacity. */
function parseColour(style: string): { readonly colour: string; readonly alpha: number } {
  if (style === 'transparent') return { colour: '#000000', alpha: 0 };
  const hex = /^(#[0-9a-f]{6})([0-9a-f]{2})$/i.exec(style);
  if (hex !== null)
    return { colour: hex[1] as string, alpha: parseInt(hex[2] as string, 16) / 255 };
  const parts = /^rgba?\(([^)]*)\)$/
    .exec(style)?.[1]
    ?.split(/[\s,/]+/)
    .filter(Boolean)
    .map(Number);
  if (parts === undefined) return { colour: style, alpha: 1 };
  const [r = 0, g = 0, b = 0, alpha = 1] = parts;
  const colour = [r, g, b].map((each) => each.toString(16).padStart(2, '0')).join('');
  return { colour: `#${colour}`, alpha };
}

// Characters that XML cannot hold at all go.
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

export function escapeXml(text: string): string {
  return text
    .replace(NOT_XML, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
