/** A chart as an SVG document, without a browser. */
import type { ChartModel } from '../chart/model.ts';
import { figureOf, figureSize, THEMES } from '../drawing/index.ts';
import { BasicPlatform, Chart, type ChartItem } from '../drawing/parts.ts';
import { escapeXml, SvgContext, type Measure } from './context.ts';

/** The namespace of what a figure carries. */
export const NAMESPACE = 'urn:mapcopy:figure';

/** What an exported figure carries: enough to draw it again. */
export const embedded = ({ spec, sentence, notes, provenance }: ChartModel) => ({
  mapcopy: 'figure',
  format: 1,
  sentence,
  notes,
  provenance,
  chart: spec,
});

export interface SvgOptions {
  /** Widths of texts, from the font that the figure names. */
  readonly measure: Measure;
  /** Keeps ids apart where several figures stand in one document. */
  readonly idPrefix?: string;
  /** Rules that bring the font; a document that has it already leaves them out. */
  readonly fontFaces?: string;
}

export function chartSvg(
  model: ChartModel,
  { measure, idPrefix = '', fontFaces = '' }: SvgOptions,
): string {
  const { widthMm, heightMm, width, height, text } = figureSize(model);
  const theme = THEMES[model.spec.theme];
  const { parts, paint } = figureOf(model, { theme, text, width, height, file: true });
  const around = new SvgContext(width, height, measure);
  paint(around as unknown as Chart['ctx']);
  const { sentence, notes, provenance, spec } = model;
  const drawn = parts.map(({ x, y, width: wide, height: high, drawing }, i) => {
    const context = new SvgContext(wide, high, measure);
    const chart = new Chart(context as unknown as ChartItem, {
      ...drawing.config,
      options: { ...drawing.config.options, devicePixelRatio: 1 },
      plugins: drawing.plugins,
      platform: BasicPlatform,
    });
    chart.destroy();
    const content = withIds(context.content, parts.length === 1 ? idPrefix : `${idPrefix}p${i}-`);
    return x === 0 && y === 0 ? content : `<g transform="translate(${x} ${y})">\n${content}\n</g>`;
  });
  const content = [around.content, ...drawn].filter((each) => each !== '').join('\n');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${widthMm}mm" height="${heightMm}mm" viewBox="0 0 ${width} ${height}" font-family="${escapeXml(theme.figure.fontFamily)}" role="img">`,
    `<title>${escapeXml(spec.title === '' ? sentence : spec.title)}</title>`,
    `<desc>${escapeXml([sentence, ...notes, provenance.line].join(' '))}</desc>`,
    `<metadata><figure xmlns="${NAMESPACE}">${escapeXml(JSON.stringify(embedded(model)))}</figure></metadata>`,
    ...(fontFaces === '' ? [] : [`<style>${fontFaces}</style>`]),
    `<rect width="${width}" height="${height}" fill="${theme.figure.surface}"/>`,
    content,
    '</svg>',
    '',
  ].join('\n');
}

/** Parts of one document must not meet by their ids. */
const withIds = (content: string, prefix: string): string =>
  content.replaceAll('id="clip', `id="${prefix}clip`).replaceAll('url(#clip', `url(#${prefix}clip`);
