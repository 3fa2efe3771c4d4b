/** A chart as the bytes of a file. */
import type { FigureFormat } from '../../core/contract/index.ts';
import type { ChartModel } from '../../core/figures/chart/model.ts';
import { csvOf } from '../../core/figures/chart/csv.ts';
import type { ChartRow } from '../../core/figures/chart/rows.ts';
import type { ChartSpec } from '../../core/figures/chart/spec.ts';
import { chartModel } from '../../core/figures/models/index.ts';
import { chartSvg } from '../../core/figures/svg/chart-svg.ts';
import { fontFaces, measurer } from './fonts.ts';
import { chartPdf } from './pdf.ts';
import { chartPng } from './png.ts';

/** A chart in a sentence, and drawn: what a report needs of one, which brings the font itself. */
export function svgOf(
  spec: ChartSpec,
  rows: readonly ChartRow[],
  idPrefix = '',
): { readonly svg: string; readonly words: string; readonly model: ChartModel } {
  const model = chartModel(spec, rows);
  return { svg: chartSvg(model, { measure: measurer(), idPrefix }), words: model.sentence, model };
}

/**
 * @param scale of a PNG: dots for each CSS pixel
 * @throws LabError NOT_IN_THIS_VERSION for a PDF where there is no Chromium
 */
export async function figureFile(
  model: ChartModel,
  format: FigureFormat,
  scale: number,
): Promise<Buffer> {
  switch (format) {
    case 'svg':
      return Buffer.from(chartSvg(model, { measure: measurer(), fontFaces: fontFaces(['latin']) }));
    case 'csv':
      return Buffer.from(csvOf(model));
    case 'png':
      return chartPng(model, scale);
    case 'pdf':
      return await chartPdf(model, measurer());
  }
}
