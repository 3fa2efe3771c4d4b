/** A whole figure on canvases: for a PNG, and for its preview. */
import type { ChartModel } from '../chart/model.ts';
import { figureOf } from './figure.ts';
import { BasicPlatform, Chart, type ChartItem } from './parts.ts';
import { figureSize } from './size.ts';
import { THEMES } from './themes.ts';

/** A canvas of a page, or one from a library. */
interface AnyCanvas {
  width: number;
  height: number;
}

/**
 * @param make a new canvas
 * @param contextOf its 2D context
 * @param scale dots for each CSS pixel
 */
export function paintFigure<Canvas extends AnyCanvas>(
  model: ChartModel,
  make: () => Canvas,
  contextOf: (canvas: Canvas) => Chart['ctx'],
  scale: number,
): Canvas {
  const { width, height, text } = figureSize(model);
  const theme = THEMES[model.spec.theme];
  const { parts, paint } = figureOf(model, { theme, text, width, height, file: true });
  const whole = make();
  whole.width = width * scale;
  whole.height = height * scale;
  const context = contextOf(whole);
  context.fillStyle = theme.figure.surface;
  context.fillRect(0, 0, whole.width, whole.height);
  context.save();
  context.scale(scale, scale);
  paint(context);
  context.restore();
  for (const { x, y, width: wide, height: high, drawing } of parts) {
    const canvas = make();
    // Chart.js sizes a canvas in pixels of the page, and multiplies.
    canvas.width = wide;
    canvas.height = high;
    const chart = new Chart(canvas as unknown as ChartItem, {
      ...drawing.config,
      options: { ...drawing.config.options, devicePixelRatio: scale },
      plugins: drawing.plugins,
      platform: BasicPlatform,
    });
    context.drawImage(canvas as unknown as CanvasImageSource, x * scale, y * scale);
    chart.destroy();
  }
  return whole;
}
