import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { inflateSync } from 'node:zlib';
import { loadImage } from '@napi-rs/canvas';
import { DOMParser } from 'linkedom';
import { describe, expect, it } from 'vitest';
import { csvOf } from '../../core/figures/chart/csv.ts';
import { CHART_TYPES, parseChartSpec } from '../../core/figures/chart/spec.ts';
import { figureSize } from '../../core/figures/drawing/index.ts';
import { chartModel } from '../../core/figures/models/index.ts';
import { SAMPLE_ROWS, spec } from '../../core/figures/testing.ts';
import { findChromium } from './chromium.ts';
import { figureFile, svgOf } from './write.ts';

/** Something to see in each type of chart. */
const FIELDS: Partial<Record<(typeof CHART_TYPES)[number], object>> = {
  bars: {
    group: 'payloadBytes',
    split: 'strategy',
    annotations: [{ axis: 'y', at: 3, label: 'budget' }],
  },
  stacked: { where: { payloadBytes: 64 } },
  percentiles: { where: { payloadBytes: 64 } },
  cdf: { where: { payloadBytes: 64 } },
  batches: { where: { payloadBytes: 64 } },
  tail: { where: { payloadBytes: 64 } },
  waits: { where: { payloadBytes: 64 } },
  payers: { where: { payloadBytes: 64, seed: 1 } },
  changes: { where: { payloadBytes: 64, seed: 1 }, split: 'strategy' },
  heat: { group: 'payloadBytes', baseline: 'grant-map' },
  pareto: { where: { payloadBytes: 64 } },
  series: { where: { payloadBytes: 64, seed: 1 } },
};

/** Charts that are made of several. */
const COMPOSED: readonly (readonly [string, (typeof CHART_TYPES)[number], object])[] = [
  ['small multiples of bars', 'bars', { group: 'strategy', split: null, panels: 'payloadBytes' }],
  ['small multiples of stacks', 'stacked', { where: {}, panels: 'payloadBytes' }],
  ['small multiples of curves', 'percentiles', { where: {}, panels: 'payloadBytes' }],
  ['small multiples of a front', 'pareto', { where: {}, panels: 'payloadBytes' }],
  ['small multiples of a heat map', 'heat', { panels: 'seed' }],
  ['bars with a ratio below', 'bars', { ratio: true, baseline: 'grant-copy' }],
  [
    'bars with a ratio beside, by size',
    'bars',
    { group: 'strategy', split: null, panels: 'payloadBytes', ratio: true, baseline: 'grant-map' },
  ],
];

const model = (chart: (typeof CHART_TYPES)[number], more: object = {}) =>
  chartModel(spec({ chart, ...FIELDS[chart], ...more }), SAMPLE_ROWS);
const parse = (svg: string) =>
  new DOMParser().parseFromString(svg, 'image/svg+xml') as unknown as XMLDocument;

describe.each([...CHART_TYPES.map((chart) => [chart, chart, {}] as const), ...COMPOSED])(
  '%s',
  (_name, chart, more) => {
    it('is an SVG of text that is text and lines that are paths', async () => {
      const made = model(chart, more);
      const svg = String(await figureFile(made, 'svg', 1));
      const document = parse(svg);
      const texts = [...document.querySelectorAll('text')].map((each) => each.textContent ?? '');
      expect(texts.length).toBeGreaterThan(5);
      // Somebody must be able to read whose numbers these are.
      expect(texts.join(' ')).toMatch(/grant-(map|copy)/);
      expect(texts.join(' ')).toContain('Simulated. Mapcopy');
      const paths = [...document.querySelectorAll('path')];
      expect(paths.length).toBeGreaterThan(3);
      for (const each of paths) expect(each.getAttribute('d')).toMatch(/^M[-\d. MLCQAZ]+$/);
      expect(document.querySelector('image')).toBeNull();
      expect(document.querySelector('foreignObject')).toBeNull();
      expect(svg.replace(/<style>.*?<\/style>/s, '')).not.toMatch(/NaN|undefined|Infinity|data:/);
      const { widthMm } = figureSize(made);
      expect(document.querySelector('svg')?.getAttribute('width')).toBe(`${widthMm}mm`);
    });

    it('is the same file each time, and draws itself again', async () => {
      const made = model(chart, more);
      const first = String(await figureFile(made, 'svg', 1));
      expect(String(await figureFile(model(chart, more), 'svg', 1))).toBe(first);
      const carried = parse(first).querySelector('metadata')?.textContent ?? '';
      const document = JSON.parse(carried) as { chart: unknown; provenance: { origin: string } };
      expect(document.provenance.origin).toBe('simulated');
      const again = svgOf(parseChartSpec(document.chart), SAMPLE_ROWS);
      expect(first).toContain(again.svg.slice(again.svg.indexOf('<rect')));
    });

    it('has a CSV with the numbers of the chart', () => {
      const made = model(chart, more);
      const lines = csvOf(made)
        .split('\r\n')
        .filter((line) => line !== '' && !line.startsWith('#'));
      const cells = lines.slice(1).map((line) => line.split(','));
      expect(cells).toHaveLength(made.table.rows.length);
      const numbers = made.table.rows.map((row) => row.filter((cell) => typeof cell === 'number'));
      const written = cells.map((row, i) =>
        row.filter((_, j) => typeof made.table.rows[i]?.[j] === 'number').map(Number),
      );
      expect(written).toEqual(numbers);
    });
  },
);

describe('a figure of several charts', () => {
  const translated = (svg: string) =>
    [...parse(svg).querySelectorAll('g')].flatMap((each) => {
      const [, x, y] =
        /^translate\(([\d.]+) ([\d.]+)\)$/.exec(each.getAttribute('transform') ?? '') ?? [];
      return x === undefined ? [] : [{ x: Number(x), y: Number(y), texts: textsOf(each) }];
    });
  const textsOf = (element: Element) =>
    [...element.querySelectorAll('text')].map((each) => each.textContent ?? '');

  it('has a chart for each value, on one scale, with one key', () => {
    const made = model('percentiles', { where: {}, panels: 'payloadBytes' });
    const { svg } = svgOf(made.spec, SAMPLE_ROWS);
    const charts = translated(svg);
    expect(charts.map(({ texts }) => texts.find((text) => /B$/.test(text)))).toEqual([
      '64\u00a0B',
      '1\u00a0KiB',
      '4\u00a0KiB',
      '64\u00a0KiB',
    ]);
    const scales = charts.map(({ texts }) => texts.filter((text) => /^\d+$/.test(text)).join(' '));
    expect(new Set(scales).size).toBe(1);
    expect(svg.match(/>grant-copy</g)).toHaveLength(1);
    expect(svg.match(/>Latency, µs</g)).toHaveLength(1);
    // No two charts of one document mean the same clip.
    const ids = [...svg.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('is as wide as a column, and puts fewer charts side by side there', () => {
    const across = (size: string) => {
      const made = model('percentiles', { where: {}, panels: 'payloadBytes', size });
      const { svg } = svgOf(made.spec, SAMPLE_ROWS);
      return { columns: new Set(translated(svg).map(({ x }) => x)).size, ...figureSize(made) };
    };
    expect(across('single')).toMatchObject({ widthMm: 84, columns: 2 });
    expect(across('double')).toMatchObject({ widthMm: 178, columns: 4 });
  });

  it('has its ratios in line with the bars that they are of', () => {
    const made = model('bars', {
      group: 'strategy',
      split: null,
      ratio: true,
      baseline: 'grant-copy',
      where: { payloadBytes: 4096 },
    });
    const { svg } = svgOf(made.spec, SAMPLE_ROWS);
    const [bars, strip] = translated(svg);
    expect(strip?.texts).toContain('÷ grant-copy');
    expect(strip?.texts).toContain('1.00×');
    expect(bars?.texts).toContain('grant-map');
    expect(strip?.y).toBe(bars?.y);
    expect(strip?.x).toBeGreaterThan(bars?.x ?? Infinity);
  });
});

describe('a drawing', () => {
  it('puts each point of a line where its number is', () => {
    const made = model('memory', { where: { strategy: 'grant-map' } });
    const { svg } = svgOf(made.spec, SAMPLE_ROWS);
    const line = [...parse(svg).querySelectorAll('path')]
      .map((each) => each.getAttribute('d') ?? '')
      .find((d) => /^M[\d.]+ [\d.]+(L[\d.]+ [\d.]+){3}$/.test(d));
    const points = (line ?? '')
      .split(/[ML]/)
      .slice(1)
      .map((each) => each.split(' ').map(Number));
    // 4, 8, 12 and 16 KiB at 1, 2, 4 and 8 guests: equal steps up, doubling steps across.
    const ys = points.map(([, y]) => y as number);
    const xs = points.map(([x]) => x as number);
    const step = (ys[0] as number) - (ys[1] as number);
    expect(ys.map((y) => ((ys[0] as number) - y) / step)).toEqual([
      0,
      1,
      expect.closeTo(2, 1),
      expect.closeTo(3, 1),
    ]);
    const across = (xs[1] as number) - (xs[0] as number);
    expect(xs.map((x) => (x - (xs[0] as number)) / across)).toEqual([
      0,
      1,
      expect.closeTo(3, 1),
      expect.closeTo(7, 1),
    ]);
  });

  it('has no script and no markup of names that a file brought', async () => {
    const evil = '<script>alert(1)</script>"&';
    const rows = SAMPLE_ROWS.slice(0, 3).map((row, i) => ({ ...row, name: `${evil}${i}` }));
    const made = chartModel(spec({ chart: 'bars', group: 'run', title: evil }), rows);
    const svg = String(await figureFile(made, 'svg', 1));
    expect(parse(svg).querySelector('script')).toBeNull();
    expect(svg).not.toContain('<script');
  });

  it('is narrower for one column, and dark when asked', () => {
    const single = svgOf(spec({ chart: 'memory', size: 'single', theme: 'dark' }), SAMPLE_ROWS).svg;
    expect(single).toContain('width="84mm"');
    expect(single).toContain('fill="#14171b"');
  });
});

describe('a PNG', () => {
  it('has so many dots, and says in itself what it shows', async () => {
    const made = model('pareto');
    const png = await figureFile(made, 'png', 2);
    const image = await loadImage(png);
    const { width, height } = figureSize(made);
    expect([image.width, image.height]).toEqual([width * 2, height * 2]);
    const texts = chunksOf(png)
      .filter(({ type }) => type === 'tEXt')
      .map(({ data }) => data.toString('latin1').split('\0'));
    const words = Object.fromEntries(texts) as Record<string, string>;
    expect(words['Source']).toContain('Simulated. Mapcopy');
    expect(words['Description']).toContain('Nothing native');
    const carried = JSON.parse(words['mapcopy'] ?? '') as { chart: unknown };
    expect(parseChartSpec(carried.chart)).toEqual(made.spec);
    // Not an empty picture: there is more than one colour in it.
    const idat = chunksOf(png)
      .filter(({ type }) => type === 'IDAT')
      .map(({ data }) => data);
    expect(new Set(inflateSync(Buffer.concat(idat))).size).toBeGreaterThan(20);
  });
});

function chunksOf(png: Buffer): { type: string; data: Buffer }[] {
  const chunks = [];
  for (let at = 8; at < png.length;) {
    const length = png.readUInt32BE(at);
    chunks.push({
      type: png.toString('latin1', at + 4, at + 8),
      data: png.subarray(at + 8, at + 8 + length),
    });
    at += length + 12;
  }
  return chunks;
}

const hasChromium = findChromium() !== undefined;
if (!hasChromium) console.warn('SKIPPED: no Chromium, and so no PDF');
const poppler = ['pdftotext', 'pdftoppm'].every((tool) => {
  try {
    execFileSync(tool, ['-v'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
});
if (!poppler)
  console.warn('SKIPPED: poppler-utils are missing, the PDF is looked at by its bytes alone');

describe.runIf(hasChromium)('a PDF', () => {
  it('is one page as large as the figure, with text in it', async () => {
    const made = model('crossover', {
      where: { strategy: ['grant-map', 'grant-copy'] },
      size: 'single',
    });
    const pdf = await figureFile(made, 'pdf', 1);
    const bytes = pdf.toString('latin1');
    expect(bytes.slice(0, 5)).toBe('%PDF-');
    expect(bytes.match(/\/Type\s*\/Page\b/g)).toHaveLength(1);
    const [, width, height] = /\/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]/.exec(bytes) ?? [];
    const { widthMm, heightMm } = figureSize(made);
    expect(Math.abs(Number(width) - (widthMm / 25.4) * 72)).toBeLessThan(1.5);
    expect(Math.abs(Number(height) - (heightMm / 25.4) * 72)).toBeLessThan(1.5);
    // Text is text: the font is inside. Nothing was made a picture.
    expect(bytes).toContain('Inter');
    expect(bytes).not.toMatch(/\/Subtype\s*\/Image/);
    if (!poppler) return;
    const folder = mkdtempSync(path.join(os.tmpdir(), 'mapcopy-pdf-test-'));
    try {
      const file = path.join(folder, 'chart.pdf');
      writeFileSync(file, pdf);
      const text = execFileSync('pdftotext', [file, '-']).toString();
      expect(text).toContain('grant-map');
      expect(text).toContain('Simulated.');
      const ppm = execFileSync('pdftoppm', ['-r', '96', file]);
      expect(ppm.toString('latin1', 0, 2)).toBe('P6');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
