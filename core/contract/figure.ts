/** What charts are drawn from: one row for each run. */
import type { ChangeStrip, PayerMeans } from './diff.ts';
import type { RunResult } from './result.ts';

export type AxisValue = string | number | boolean;

/** What only a trace tells of a run. */
export interface RunDetail {
  /** The latency that each share of the requests does not exceed, both ascending; null without requests. */
  readonly latency: {
    readonly ns: readonly number[];
    readonly share: readonly number[];
    readonly requests: number;
  } | null;
  /** CPU time of one request by category of event, ns; null where it was not asked for. */
  readonly components: Readonly<Record<string, number>> | null;
  readonly counters: readonly CounterCurve[];
  /** Who a request waits for; null without requests, or where it was not asked for. */
  readonly payers: PayerMeans | null;
  /** Against the first run of the source; null for that one, or where it was not asked for. */
  readonly changes: ChangeStrip | null;
}

export interface CounterCurve {
  readonly name: string;
  readonly unit: string;
  readonly ns: readonly number[];
  readonly min: readonly number[];
  readonly max: readonly number[];
  readonly last: readonly number[];
}

export interface ChartRow {
  /** What people call the run. */
  readonly name: string;
  readonly origin: 'simulated' | 'recorded';
  /** Field of the scenario, or axis of the sweep -> value. */
  readonly axes: Readonly<Record<string, AxisValue>>;
  /** Null for a recorded trace. */
  readonly result: RunResult | null;
  readonly detail: RunDetail | null;
}

/** What only a trace can tell, and what it costs to read: all requests, all samples, every event. */
export const DETAILS = ['latency', 'counters', 'components', 'payers', 'changes'] as const;
export type Detail = (typeof DETAILS)[number];
