/** One chart as a Chart.js configuration. */
import type { ChartConfiguration, Plugin } from 'chart.js';
import type { ChartModel, Single } from '../chart/model.ts';
import { barsConfig } from './bars.ts';
import { curvesConfig } from './curves.ts';
import type { Canvas } from './frame.ts';
import { heatConfig } from './heat.ts';
import { scatterConfig } from './scatter.ts';

export interface Drawing {
  readonly config: ChartConfiguration;
  /** Drawn over the chart, after those that are registered. */
  readonly plugins: Plugin[];
}

export function drawingOf(model: ChartModel, drawn: Single, canvas: Canvas): Drawing {
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
