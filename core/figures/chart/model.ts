/** A chart before it is drawn: series with exact numbers, their table, and the words beside them. */
import type { ActorId } from '../../contract/ids.ts';
import type { Category } from '../../contract/kinds.ts';
import type { AxisValue } from './rows.ts';
import type { Annotation, ChartSpec } from './spec.ts';
import type { Estimate } from './statistics.ts';

/** What gives a series its colour, dash and marker. */
export type Look =
  /** Fixed for good; `repeat` above 0 tells further series of one strategy apart. */
  | { readonly kind: 'strategy'; readonly strategy: string; readonly repeat: number }
  | { readonly kind: 'actor'; readonly actor: ActorId }
  | { readonly kind: 'category'; readonly category: Category }
  /** Anything else, in order. */
  | { readonly kind: 'ordinal'; readonly index: number };

export interface Quantity {
  readonly name: string;
  readonly unit: string;
}

export type Scale = 'linear' | 'log2' | 'log10';

interface Named {
  readonly name: string;
  readonly look: Look;
  readonly hypothetical: boolean;
}

/** Bars: a number for each category and series. */
export interface BarsModel {
  readonly shape: 'bars';
  readonly categories: readonly (Named & { readonly value: AxisValue })[];
  readonly series: readonly (Named & { readonly values: readonly (Estimate | null)[] })[];
  readonly stacked: boolean;
  /** Of a stack: the whole of each category, which has an interval of its own. */
  readonly totals: readonly (Estimate | null)[] | null;
  /** Names along the left side, bars to the right. */
  readonly horizontal: boolean;
  /** Bars take the look of their category, because there is one series only. */
  readonly byCategory: boolean;
  readonly x: Quantity;
  readonly y: Quantity;
  readonly scale: Scale;
  /** Each bar over that of the baseline strategy; null where it is not drawn. */
  readonly ratio: BarRatio | null;
}

export interface BarRatio {
  /** What each bar is over, in words. */
  readonly over: string;
  readonly better: 'lower' | 'higher';
  /** Of each series, a ratio for each category. */
  readonly values: readonly (readonly (Estimate | null)[])[];
}

export interface CurvePoint {
  readonly x: number;
  readonly y: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly n: number;
  /** False for a point that only leads a line through: it has no marker and is not read out. */
  readonly marked?: boolean;
}

export interface Tick {
  readonly at: number;
  readonly label: string;
}

/** Lines over a number. */
export interface CurvesModel {
  readonly shape: 'curves';
  readonly series: readonly (Named & { readonly points: readonly CurvePoint[] })[];
  readonly stepped: boolean;
  /** Points are measured, not joined for the eye: they get markers. */
  readonly markers: boolean;
  readonly x: Quantity & { readonly scale: Scale; readonly ticks: readonly Tick[] | null };
  readonly y: Quantity & { readonly scale: Scale; readonly ticks?: readonly Tick[] };
  /** Where the chart itself points to something, as a crossing. */
  readonly marks: readonly Annotation[];
  /** Each curve over that of the baseline strategy; absent where it is not drawn. */
  readonly ratio?: CurveRatio;
}

export interface CurveRatio {
  /** What each curve is over, in words. */
  readonly over: string;
  /** Of each series, ratios where both were measured. */
  readonly points: readonly (readonly CurvePoint[])[];
}

/** What a curve is over the baseline at `x`, or undefined where one of them was not measured. */
export function ratioAt({ ratio }: CurvesModel, set: number, x: number): Estimate | undefined {
  const found = ratio?.points[set]?.find((point) => point.x === x);
  return found === undefined ? undefined : { ...found, value: found.y };
}

export interface HeatCell {
  readonly value: number | null;
  /** Value over the baseline's; null without one. */
  readonly ratio: number | null;
  /** From -1, better, to 1, worse. */
  readonly heat: number | null;
  readonly baseline: boolean;
  readonly hypothetical: boolean;
  readonly best: boolean;
  readonly n: number;
}

export interface HeatModel {
  readonly shape: 'heat';
  readonly rows: readonly Named[];
  readonly columns: readonly { readonly name: string; readonly value: AxisValue }[];
  /** A row of cells for each row. */
  readonly cells: readonly (readonly HeatCell[])[];
  readonly x: Quantity;
  readonly y: Quantity;
  readonly value: Quantity;
  /** What the colours compare with, in words; empty where there is nothing. */
  readonly against: string;
}

export interface ScatterModel {
  readonly shape: 'scatter';
  readonly points: readonly (Named & {
    readonly x: number;
    readonly y: number;
    /** No native run is at least as good in both and better in one. */
    readonly front: boolean;
    readonly n: number;
  })[];
  readonly x: Quantity;
  readonly y: Quantity & { readonly better: 'lower' | 'higher'; readonly scale: Scale };
  /** Where runs without any exposure stand on the logarithmic axis; null when all have some. */
  readonly zeroAt: number | null;
}

export type Single = BarsModel | CurvesModel | HeatModel | ScatterModel;

/** Small multiples: the same chart for each value of an axis, on the same scales. */
export interface PanelsModel {
  readonly shape: 'panels';
  readonly by: string;
  readonly panels: readonly { readonly name: string; readonly drawn: Single }[];
}

export type Drawn = Single | PanelsModel;

/** A chart by itself is one panel without a name. */
export const panelsOf = (drawn: Drawn): PanelsModel['panels'] =>
  drawn.shape === 'panels' ? drawn.panels : [{ name: '', drawn }];

export interface TableColumn {
  readonly name: string;
  readonly unit: string;
}
export type Cell = string | number | null;

export interface Table {
  readonly columns: readonly TableColumn[];
  readonly rows: readonly (readonly Cell[])[];
}

/** What the numbers rest on. Holds nothing that depends on when or where the chart was made. */
export interface ChartProvenance {
  readonly origin: 'simulated' | 'recorded' | 'simulated and recorded';
  readonly version: string;
  readonly runs: number;
  readonly seeds: readonly number[];
  /** Profile id -> hash of its numbers. */
  readonly profiles: Readonly<Record<string, string>>;
  readonly scenarios: readonly string[];
  readonly fingerprints: readonly string[];
  /** One line for below the chart. */
  readonly line: string;
}

export interface ChartModel {
  readonly spec: ChartSpec;
  readonly drawn: Drawn;
  readonly table: Table;
  /** The chart's answer. */
  readonly sentence: string;
  /** What is not shown and why, and how to read intervals. */
  readonly notes: readonly string[];
  readonly provenance: ChartProvenance;
}
