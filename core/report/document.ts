/** A specification and what was read for it, as one document. */
import type { TraceDiff } from '../contract/diff.ts';
import { exists } from '../base/assert.ts';
import { heading, type Block } from './blocks.ts';
import { markdownBlocks } from './markdown.ts';
import { methodBlocks, provenanceBlocks } from './method.ts';
import { diffBlocks, hazardBlocks, resultsBlocks, type ReportTrace } from './sections.ts';
import type { ReportSpec, Section } from './spec.ts';

/** What a host has read for a report: all that `needsOf` names. */
export interface Materials {
  readonly traces: readonly ReportTrace[];
  readonly diffs: readonly { readonly a: string; readonly b: string; readonly diff: TraceDiff }[];
}

export interface ReportDocument {
  readonly title: string;
  readonly authors: string;
  /** Specifications of the charts, in the order of their numbers. */
  readonly figures: readonly Readonly<Record<string, unknown>>[];
  /** A section each, in order. */
  readonly sections: readonly (readonly Block[])[];
  /** Method and traces, written by the lab. */
  readonly closing: readonly Block[];
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
        return hazardBlocks(traceOf(section.trace), section.limit, section.title);
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

  const sections = spec.sections.map(blocksOf);
  return {
    title: spec.title,
    authors: spec.authors,
    figures,
    sections,
    closing: [...methodBlocks(materials.traces), ...provenanceBlocks(materials.traces)],
  };
}
