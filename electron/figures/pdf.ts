/** A page of HTML as a PDF, by the Chromium that there is. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { LabError } from '../../core/contract/index.ts';
import type { ChartModel } from '../../core/figures/chart/model.ts';
import { figureSize } from '../../core/figures/drawing/index.ts';
import { chartSvg } from '../../core/figures/svg/chart-svg.ts';
import { escapeXml, type Measure } from '../../core/figures/svg/context.ts';
import { findChromium } from './chromium.ts';
import { fontFaces } from './fonts.ts';

const PATIENCE_MS = 60_000;

/** Prints a page that needs nothing from outside. @throws LabError NOT_IN_THIS_VERSION, INTERNAL */
export async function htmlToPdf(html: string): Promise<Buffer> {
  const chromium = findChromium();
  if (chromium === undefined) {
    throw new LabError(
      'NOT_IN_THIS_VERSION',
      'a PDF is made by Chromium, and there is none',
      'PATH',
      'install Chromium or set MAPCOPY_CHROMIUM; SVG, PNG, CSV and HTML need no browser',
    );
  }
  const folder = mkdtempSync(path.join(os.tmpdir(), 'mapcopy-pdf-'));
  try {
    const page = path.join(folder, 'page.html');
    const output = path.join(folder, 'page.pdf');
    writeFileSync(page, html);
    await promisify(execFile)(
      chromium,
      [
        '--headless',
        // Chromium's sandbox does not work for root, which is what containers run as.
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
        `--user-data-dir=${path.join(folder, 'profile')}`,
        '--no-pdf-header-footer',
        `--print-to-pdf=${output}`,
        `file://${page}`,
      ],
      { timeout: PATIENCE_MS },
    );
    return readFileSync(output);
  } catch (thrown) {
    const why = thrown instanceof Error ? (thrown.message.split('\n')[0] ?? '') : String(thrown);
    throw new LabError('INTERNAL', `Chromium made no PDF: ${why}`, chromium, 'try another format');
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** One page as large as the figure, which says in its foot what it rests on. */
export async function chartPdf(model: ChartModel, measure: Measure): Promise<Buffer> {
  const { widthMm, heightMm } = figureSize(model);
  const title = model.spec.title === '' ? model.sentence : model.spec.title;
  return await htmlToPdf(
    [
      '<!doctype html><html lang="en"><meta charset="utf-8">',
      `<title>${escapeXml(title)}</title>`,
      `<meta name="description" content="${escapeXml(model.provenance.line)}">`,
      `<style>${fontFaces()}@page{size:${widthMm}mm ${heightMm}mm;margin:0}html,body{margin:0}svg{display:block}</style>`,
      chartSvg(model, { measure }),
      '</html>',
    ].join('\n'),
  );
}
