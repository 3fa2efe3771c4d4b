/** The fonts that figures are drawn with: bundled, so that a figure looks the same everywhere. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createCanvas, GlobalFonts } from '@napi-rs/canvas';
import type { Measure } from '../../core/figures/svg/context.ts';
import {
  ALL_FONT_PARTS,
  FONT_PACKAGE,
  FONT_PARTS,
  fontFileName,
  type FontPart,
} from './font-files.ts';

/** What `figure.fontFamily` names first. */
const FAMILY = 'Inter Variable';
/** A part of the font as woff2. */
function fontFile(part: FontPart): Buffer {
  const name = fontFileName(part);
  if (!import.meta.url.endsWith('.ts'))
    return readFileSync(new URL(`fonts/${name}`, import.meta.url));
  return readFileSync(createRequire(import.meta.url).resolve(`${FONT_PACKAGE}/${name}`));
}

let registered = false;

/** Makes the fonts known to the canvas; once is enough. */
export function registerFonts(): void {
  if (registered) return;
  for (const part of ALL_FONT_PARTS) GlobalFonts.register(fontFile(part), FAMILY);
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
export function fontFaces(parts: readonly FontPart[] = ALL_FONT_PARTS): string {
  return parts
    .map((part) => {
      const data = fontFile(part).toString('base64');
      return `@font-face{font-family:'${FAMILY}';font-weight:100 900;unicode-range:${FONT_PARTS[part]};src:url(data:font/woff2;base64,${data}) format('woff2')}`;
    })
    .join('\n');
}
