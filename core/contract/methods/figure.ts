/** Charts: what they are drawn from, charts as files, and those that the user keeps. */
import * as v from 'valibot';
import type { LabErrorData } from '../errors.ts';
import { DETAILS, type ChartRow } from '../figure.ts';
import { id, method, nothing } from './method.ts';

/** A chart's description, or its source; `core/figures` checks them. */
const document = v.record(v.string(), v.unknown());

/** Runs read or made, of how many; a run that is under way counts in part. */
export interface FigureProgress {
  readonly done: number;
  readonly total: number;
}

export interface SavedChart {
  readonly id: string;
  /** Its title, or the name of its file. */
  readonly name: string;
  /** ISO 8601. */
  readonly changedAt: string;
  readonly file: string;
  /** The description; null for one that cannot be read, with the reason in `problem`. */
  readonly spec: Readonly<Record<string, unknown>> | null;
  readonly problem: LabErrorData | null;
}

export const FIGURE_FORMATS = ['svg', 'png', 'csv', 'pdf'] as const;
export type FigureFormat = (typeof FIGURE_FORMATS)[number];

export const FIGURE_METHODS = {
  /** The runs of a source. Traces and sweeps are named by their ids. */
  'figure.rows': method<readonly ChartRow[], FigureProgress>()(
    v.strictObject({ source: document, details: v.array(v.picklist(DETAILS)) }),
  ),
  /** A chart as a file, base64. `scale` is of a PNG: dots for each pixel. */
  'figure.draw': method<{ readonly base64: string; readonly mime: string }, FigureProgress>()(
    v.strictObject({
      spec: document,
      format: v.picklist(FIGURE_FORMATS),
      scale: v.picklist([1, 2, 4]),
    }),
  ),
  'figure.list': method<readonly SavedChart[]>()(nothing),
  /** Writes a chart over the one with this id, or as a new one. */
  'figure.save': method<SavedChart>()(
    v.strictObject({
      chart: v.nullable(id),
      name: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
      spec: document,
    }),
  ),
  'figure.remove': method<null>()(v.strictObject({ chart: id })),
} as const;
