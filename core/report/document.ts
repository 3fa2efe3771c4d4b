/** A specification and what was read for it, as one document. */
import type { TraceDiff } from '../contract/diff.ts';
import type { LabErrorData } from '../contract/errors.ts';
import type { ReportDocument } from '../contract/report.ts';
import { sideNames } from '../diff/index.ts';
import { exists } from '../base/assert.ts';
import { heading, note, type Block } from './blocks.ts';
import { diffBlocks } from './diff.ts';
import { markdownBlocks } from './markdown.ts';
import { methodBlocks, provenanceBlocks } from './method.ts';
import { hazardBlocks, resultsBlocks, type ReportTrace } from './sections.ts';
import { tracesOf, type ReportSpec, type Section } from './spec.ts';

/** What a host has read for a report: all that `needsOf` names. */
export interface Materials {
  readonly traces: readonly ReportTrace[];
  readonly diffs: readonly { readonly a: string; readonly b: string; readonly diff: TraceDiff }[];
  /** Traces that could not be read, and why: their sections say so. */
  readonly problems?: readonly { readonly ref: string; readonly error: LabErrorData }[];
}

/** The same specification and materials give the same document. */
export function documentOf(spec: ReportSpec, materials: Materials): ReportDocument {
  const figures: Record<string, unknown>[] = [];
  const traceOf = (ref: string) =>
    exists(
      materials.traces.find((each) => each.ref === ref),
      'a report was written before its traces were read',
    );

  const figure = (chart: Readonly<Record<string, unknown>>, caption = ''): Block => ({
    kind: 'figure',
    index: figures.push({ ...chart }) - 1,
    caption,
  });
  const blocksOf = (section: Section): Block[] => {
    switch (section.kind) {
      case 'text':
        return markdownBlocks(section.markdown);
      case 'results':
        return resultsBlocks(section.traces.map(traceOf), section.metrics, section.title);
      case 'hazards':
        return hazardBlocks(traceOf(section.trace), section);
      case 'diff': {
        const { a, b, title } = section;
        const found = materials.diffs.find((each) => each.a === a && each.b === b);
        const { diff } = exists(found, 'a report was written before its diffs');
        const [left, right] = sideNames([traceOf(a).info, traceOf(b).info], diff);
        const names = [`A ${left.name}`, `B ${right.name}`] as const;
        return diffBlocks(diff, { title, refs: [a, b], names }, figure);
      }
      case 'chart':
        return [
          ...(section.title === '' ? [] : [heading(3, section.title)]),
          figure(section.chart, section.caption),
        ];
    }
  };

  const { problems = [] } = materials;
  const sections = spec.sections.map((section) => {
    const missing = problems.filter(({ ref }) => tracesOf(section).includes(ref));
    if (missing.length === 0) return blocksOf(section);
    return missing.map(({ ref, error }) =>
      note('warning', `${ref}: ${error.what}; ${error.remedy}.`),
    );
  });
  return {
    title: spec.title,
    authors: spec.authors,
    figures,
    sections,
    closing: [...methodBlocks(materials.traces), ...provenanceBlocks(materials.traces)],
  };
}
