/**
 * Every question the lab answers: name, arguments with their schema, and result type. Hosts serve
 * this table, the window and the command line call it, and nothing else passes between them.
 *
 * Times are ticks of the trace (`TraceInfo.tickPs` picoseconds each) unless the name says otherwise.
 * 64-bit values that a double cannot hold travel as decimal strings.
 */
import type * as v from 'valibot';
import { DIFF_METHODS } from './diff.ts';
import { EXPERIMENT_METHODS } from './experiment.ts';
import { EXPORT_METHODS } from './export.ts';
import { FIGURE_METHODS } from './figure.ts';
import { FIND_METHODS } from './find.ts';
import { LIBRARY_METHODS } from './library.ts';
import { method, nothing, type Method } from './method.ts';
import { NOTES_METHODS } from './notes.ts';
import { QUERY_METHODS } from './query.ts';
import { REPLAY_METHODS } from './replay.ts';
import { REPORT_METHODS } from './report.ts';
import { STUDY_METHODS } from './study.ts';
import { STATE_METHODS } from './state.ts';
import { TRACE_METHODS } from './trace.ts';
import { TRASH_METHODS } from './trash.ts';

export * from './diff.ts';
export * from './experiment.ts';
export * from './export.ts';
export * from './figure.ts';
export * from './find.ts';
export * from './library.ts';
export * from './mapping.ts';
export type { Method } from './method.ts';
export * from './notes.ts';
export * from './query.ts';
export * from './replay.ts';
export * from './report.ts';
export * from './study.ts';
export * from './state.ts';
export * from './trace.ts';
export * from './trash.ts';

export const METHODS = {
  'lab.about': method<{ version: string; node: string; sqlite: string; library: string }>()(
    nothing,
  ),
  ...DIFF_METHODS,
  ...EXPERIMENT_METHODS,
  ...EXPORT_METHODS,
  ...FIGURE_METHODS,
  ...LIBRARY_METHODS,
  ...QUERY_METHODS,
  ...REPLAY_METHODS,
  ...REPORT_METHODS,
  ...STUDY_METHODS,
  ...TRACE_METHODS,
  ...TRASH_METHODS,
  ...STATE_METHODS,
  ...FIND_METHODS,
  ...NOTES_METHODS,
} as const;

export type MethodName = keyof typeof METHODS;
export type ArgsInput<M extends MethodName> = v.InferInput<(typeof METHODS)[M]['args']>;
export type ArgsOf<M extends MethodName> = v.InferOutput<(typeof METHODS)[M]['args']>;
export type ResultOf<M extends MethodName> =
  (typeof METHODS)[M] extends Method<v.GenericSchema, infer Out, infer _> ? Out : never;
export type ProgressOf<M extends MethodName> =
  (typeof METHODS)[M] extends Method<v.GenericSchema, infer _, infer Progress> ? Progress : never;

/** What an implementation may do while it answers. */
export interface CallContext<M extends MethodName> {
  readonly progress: (progress: ProgressOf<M>) => void;
  /** Fires when the caller cancels or goes away. */
  readonly signal: AbortSignal;
}

/** One implementation for each method. */
export type LabHandlers = {
  readonly [M in MethodName]: (
    args: ArgsOf<M>,
    context: CallContext<M>,
  ) => ResultOf<M> | Promise<ResultOf<M>>;
};
