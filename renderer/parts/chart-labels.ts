/** Names beside what they name: direct labels instead of a legend. */
import type { Chart, Plugin } from 'chart.js';
import type { PointLabel } from '../../core/figures/exposure-scatter.ts';
import { FONT } from '../tokens/canvas.ts';

interface Box {
  readonly x: number;
  readonly y: number;
  readonly w: number;
}

const HEIGHT = 14;

/** Where an element is drawn; Chart.js types its properties loosely. */
function placeOf(chart: Chart, set: number, index: number): { x: number; y: number } | undefined {
  return chart.getDatasetMeta(set).data[index]?.getProps(['x', 'y'], true) as
    { x: number; y: number } | undefined;
}

/** One label for each of the first datasets' points, moved up or down where labels would meet. */
export function pointLabels(labels: readonly PointLabel[], surface: string): Plugin {
  return {
    id: 'pointLabels',
    afterDatasetsDraw(chart) {
      const { ctx } = chart;
      const taken: Box[] = [];
      ctx.save();
      ctx.textBaseline = 'middle';
      labels.forEach((label, index) => {
        const point = placeOf(chart, index, 0);
        if (point === undefined) return;
        ctx.font = `${label.italic ? 'italic ' : ''}500 11px ${FONT}`;
        const w = ctx.measureText(label.text).width;
        const { x: px, y: py } = point;
        const right = px + 10 + w < chart.width;
        const x = right ? px + 10 : px - 10 - w;
        const free = [0, -HEIGHT, HEIGHT, -2 * HEIGHT, 2 * HEIGHT]
          .map((shift) => py + shift)
          .find((y) =>
            taken.every(
              (box) => Math.abs(box.y - y) >= HEIGHT || x > box.x + box.w || box.x > x + w,
            ),
          );
        const y = free ?? py;
        taken.push({ x, y, w });
        ctx.lineWidth = 3;
        ctx.strokeStyle = surface;
        ctx.strokeText(label.text, x, y);
        ctx.fillStyle = label.colour;
        ctx.fillText(label.text, x, y);
      });
      ctx.restore();
    },
  };
}

/** A figure at the end of each stacked bar. */
export function barTotals(texts: readonly string[], colour: string): Plugin {
  return {
    id: 'barTotals',
    afterDatasetsDraw(chart) {
      const { ctx } = chart;
      const last = chart.data.datasets.length - 1;
      if (last < 0) return;
      ctx.save();
      ctx.font = `500 11px ${FONT}`;
      ctx.textBaseline = 'middle';
      ctx.fillStyle = colour;
      texts.forEach((text, index) => {
        const ends = chart.data.datasets.map((_, set) => placeOf(chart, set, index)?.x ?? 0);
        const y = placeOf(chart, last, index)?.y;
        if (y !== undefined) ctx.fillText(text, Math.max(...ends) + 6, y);
      });
      ctx.restore();
    },
  };
}
