/** A chart as a PNG that says what it shows and what it rests on. */
import { crc32 } from 'node:zlib';
import { createCanvas } from '@napi-rs/canvas';
import type { ChartModel } from '../../core/figures/chart/model.ts';
import { paintFigure } from '../../core/figures/drawing/paint.ts';
import type { Chart } from '../../core/figures/drawing/parts.ts';
import { embedded } from '../../core/figures/svg/chart-svg.ts';
import { registerFonts } from './fonts.ts';

/** @param scale dots for each CSS pixel: 2 for screens, 4 for print (384 dots an inch) */
export function chartPng(model: ChartModel, scale: number): Buffer {
  registerFonts();
  const png = paintFigure(
    model,
    () => createCanvas(1, 1),
    (canvas) => canvas.getContext('2d') as unknown as Chart['ctx'],
    scale,
  ).toBuffer('image/png');
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
