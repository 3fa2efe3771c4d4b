/** A model of a chart as a Chart.js configuration, for a window or for a file. Draws nothing itself. */
import type { ChartConfiguration, Plugin } from 'chart.js';
import type { ChartModel } from '../chart/model.ts';
import { barsConfig } from './bars.ts';
import { curvesConfig } from './curves.ts';
import type { Canvas } from './frame.ts';
import { heatConfig } from './heat.ts';
import { scatterConfig } from './scatter.ts';

export type { Canvas } from './frame.ts';
export { figureSize, WIDTH_MM, type FigureSize } from './size.ts';
export { THEMES, type DrawingTheme } from './themes.ts';

export interface Drawing {
  readonly config: ChartConfiguration;
  /** Drawn over the chart, after those that are registered. */
  readonly plugins: Plugin[];
}

export function drawingOf(model: ChartModel, canvas: Canvas): Drawing {
  const { drawn } = model;
  switch (drawn.shape) {
    case 'bars':
      return barsConfig(model, drawn, canvas);
    case 'curves':
      return curvesConfig(model, drawn, canvas);
    case 'heat':
      return heatConfig(model, drawn, canvas);
    case 'scatter':
      return scatterConfig(model, drawn, canvas);
  }
}
