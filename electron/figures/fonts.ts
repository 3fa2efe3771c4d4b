/** The fonts that figures are drawn with: bundled, so that a figure looks the same everywhere. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createCanvas, GlobalFonts } from '@napi-rs/canvas';
import type { Measure } from '../../core/figures/svg/context.ts';

/** What `figure.fontFamily` names first. */
const FAMILY = 'Inter Variable';
const PARTS = ['latin', 'latin-ext', 'greek'] as const;

/** A part of the font as woff2. */
export function fontFile(part: (typeof PARTS)[number]): Buffer {
  const { resolve } = createRequire(import.meta.url);
  return readFileSync(resolve(`@fontsource-variable/inter/files/inter-${part}-wght-normal.woff2`));
}

let registered = false;

/** Makes the fonts known to the canvas; once is enough. */
export function registerFonts(): void {
  if (registered) return;
  for (const part of PARTS) GlobalFonts.register(fontFile(part), FAMILY);
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
