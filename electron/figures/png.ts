/** A chart as a PNG that says what it shows and what it rests on. */
import { crc32 } from 'node:zlib';
import { createCanvas } from '@napi-rs/canvas';
import type { ChartModel } from '../../core/figures/chart/model.ts';
import { drawingOf, figureSize, THEMES } from '../../core/figures/drawing/index.ts';
import { BasicPlatform, Chart, type ChartItem } from '../../core/figures/drawing/parts.ts';
import { embedded } from '../../core/figures/svg/chart-svg.ts';
import { registerFonts } from './fonts.ts';

/** @param scale dots for each CSS pixel: 2 for screens, 4 for print (384 dots an inch) */
export function chartPng(model: ChartModel, scale: number): Buffer {
  registerFonts();
  const { width, height, text } = figureSize(model);
  const theme = THEMES[model.spec.theme];
  const canvas = createCanvas(width * scale, height * scale);
  // Chart.js sizes a canvas in pixels of the page, and multiplies.
  const context = canvas.getContext('2d');
  const { config, plugins } = drawingOf(model, { theme, text, width, file: true });
  canvas.width = width;
  canvas.height = height;
  const chart = new Chart(canvas as unknown as ChartItem, {
    ...config,
    options: { ...config.options, devicePixelRatio: scale },
    plugins: [
      {
        id: 'surface',
        beforeDraw() {
          context.fillStyle = theme.figure.surface;
          context.fillRect(0, 0, width, height);
        },
      },
      ...plugins,
    ],
    platform: BasicPlatform,
  });
  const png = canvas.toBuffer('image/png');
  chart.destroy();
  const { sentence, notes, provenance } = model;
  return withTexts(png, {
    Title: model.spec.title === '' ? sentence : model.spec.title,
    Description: [sentence, ...notes].join(' '),
    Source: provenance.line,
    Software: `Mapcopy ${provenance.version}`,
    mapcopy: JSON.stringify(embedded(model)),
  });
}

const SIGNATURE_BYTES = 8;
const HEADER_BYTES = 25;

/** Puts `tEXt` chunks behind the header. */
export function withTexts(png: Buffer, texts: Readonly<Record<string, string>>): Buffer {
  const at = SIGNATURE_BYTES + HEADER_BYTES;
  const chunks = Object.entries(texts).map(([key, text]) => textChunk(key, text));
  return Buffer.concat([png.subarray(0, at), ...chunks, png.subarray(at)]);
}

/** `tEXt` holds Latin-1; what JSON can escape is escaped, anything else is written as near as it gets. */
function textChunk(key: string, text: string): Buffer {
  const plain = key === 'mapcopy' ? escaped(text) : latin(text);
  const body = Buffer.from(`tEXt${key}\0${plain}`, 'latin1');
  const chunk = Buffer.alloc(body.length + 8);
  chunk.writeUInt32BE(body.length - 4, 0);
  body.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(body), body.length + 4);
  return chunk;
}

const escaped = (json: string): string =>
  json.replace(/[^ -~]/g, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`);
const latin = (text: string): string =>
  text
    .replaceAll('\u2212', '-')
    .replaceAll('\u2009', ' ')
    .replaceAll('–', '-')
    .replace(/[^\x20-\x7e\xa0-\xff]/g, '?');
