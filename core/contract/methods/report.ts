/** Reports that the user keeps. */
import * as v from 'valibot';
import type { LabErrorData } from '../errors.ts';
import type { ReportDocument } from '../report.ts';
import type { DiffProgress } from './diff.ts';
import type { Delivery, ExportProgress } from './export.ts';
import { id, method, nothing } from './method.ts';

/** A report's specification; `core/report` checks it. */
const spec = v.record(v.string(), v.unknown());

export interface SavedReport {
  readonly id: string;
  readonly title: string;
  readonly sections: number;
  /** ISO 8601. */
  readonly changedAt: string;
  readonly file: string;
  /** The specification; null for one that cannot be read, with the reason in `problem`. */
  readonly spec: Readonly<Record<string, unknown>> | null;
  readonly problem: LabErrorData | null;
}

export const REPORT_METHODS = {
  'report.list': method<readonly SavedReport[]>()(nothing),
  /** Writes a report over the one with this id, or as a new one. */
  'report.save': method<SavedReport>()(v.strictObject({ report: v.nullable(id), spec })),
  'report.remove': method<null>()(v.strictObject({ report: id })),
  /**
   * The report with all that it needs read. A trace that is missing leaves a note in its section.
   * Progress is of its diffs.
   */
  'report.document': method<ReportDocument, DiffProgress>()(v.strictObject({ spec })),
  /** The report as one file; progress is of its traces, diffs and charts. */
  'report.export': method<Delivery, ExportProgress>()(
    v.strictObject({ spec, format: v.picklist(['html', 'pdf']) }),
  ),
} as const;
