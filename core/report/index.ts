export { documentOf, type Materials } from './document.ts';
export { reportHtml, type DrawnFigure } from './html.ts';
export type { ReportTrace } from './sections.ts';
export {
  needsOf,
  parseReport,
  reportJsonSchema,
  ReportSchema,
  tracesOf,
  type ReportSpec,
  type Section,
  type SectionInput,
} from './spec.ts';
