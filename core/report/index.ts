export type { Block, Column, Inline } from './blocks.ts';
export { documentOf, type Materials, type ReportDocument } from './document.ts';
export { reportHtml, type DrawnFigure, type Font } from './html.ts';
export type { ReportTrace } from './sections.ts';
export {
  needsOf,
  parseReport,
  ReportSchema,
  type ReportSpec,
  type Section,
  type SectionInput,
} from './spec.ts';
