/** A specification and what was read for it, as one document. */
import type { TraceDiff } from '../contract/diff.ts';
import type { LabErrorData } from '../contract/errors.ts';
import type { ReportDocument } from '../contract/report.ts';
import { exists } from '../base/assert.ts';
import { heading, note, type Block } from './blocks.ts';
import { markdownBlocks } from './markdown.ts';
import { methodBlocks, provenanceBlocks } from './method.ts';
import { diffBlocks, hazardBlocks, resultsBlocks, type ReportTrace } from './sections.ts';
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

  const blocksOf = (section: Section): Block[] => {
    switch (section.kind) {
      case 'text':
        return markdownBlocks(section.markdown);
      case 'results':
        return resultsBlocks(section.traces.map(traceOf), section.metrics, section.title);
      case 'hazards':
        return hazardBlocks(traceOf(section.trace), section);
      case 'diff': {
        const { a, b } = section;
        const found = materials.diffs.find((each) => each.a === a && each.b === b);
        return diffBlocks(
          exists(found, 'a report was written before its diffs').diff,
          section.title,
        );
      }
      case 'chart': {
        const index = figures.push(section.chart) - 1;
        return [
          ...(section.title === '' ? [] : [heading(3, section.title)]),
          { kind: 'figure', index, caption: section.caption },
        ];
      }
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
