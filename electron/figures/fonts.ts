/** The fonts that figures are drawn with: bundled, so that a figure looks the same everywhere. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createCanvas, GlobalFonts } from '@napi-rs/canvas';
import type { Measure } from '../../core/figures/svg/context.ts';

/** What `figure.fontFamily` names first. */
const FAMILY = 'Inter Variable';
/** The parts that figures need, with the characters of each. */
const PARTS = {
  latin: 'U+0000-00FF,U+2000-206F,U+2190-2193,U+2212',
  'latin-ext': 'U+0100-02BA',
  greek: 'U+0370-03FF',
} as const;
type Part = keyof typeof PARTS;
const ALL = Object.keys(PARTS) as Part[];

/** A part of the font as woff2. */
export function fontFile(part: Part): Buffer {
  const { resolve } = createRequire(import.meta.url);
  return readFileSync(resolve(`@fontsource-variable/inter/files/inter-${part}-wght-normal.woff2`));
}

let registered = false;

/** Makes the fonts known to the canvas; once is enough. */
export function registerFonts(): void {
  if (registered) return;
  for (const part of ALL) GlobalFonts.register(fontFile(part), FAMILY);
  registered = true;
}

/** Widths of texts in those fonts. */
export function measurer(): Measure {
  registerFonts();
  const context = createCanvas(8, 8).getContext('2d');
  return (text, font) => {
    context.font = font;
    return context.measureText(text).width;
  };
}

/** `@font-face` rules that hold the font itself. */
export function fontFaces(parts: readonly Part[] = ALL): string {
  return parts
    .map((part) => {
      const data = fontFile(part).toString('base64');
      return `@font-face{font-family:'${FAMILY}';font-weight:100 900;unicode-range:${PARTS[part]};src:url(data:font/woff2;base64,${data}) format('woff2')}`;
    })
    .join('\n');
}
