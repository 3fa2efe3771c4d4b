/** A model of a chart as Chart.js configurations, for a window or for a file. Draws nothing itself. */
export type { Drawing } from './drawing.ts';
export { figureOf, type Figure, type FigureCanvas, type FigurePart } from './figure.ts';
export { figureSize, WIDTH_MM, type FigureSize } from './size.ts';
export { THEMES, type DrawingTheme } from './themes.ts';
