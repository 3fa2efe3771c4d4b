export const TAGS = ['S', 'S-abs', 'D', 'R', 'assumption', 'user'] as const;
export type Tag = (typeof TAGS)[number];

/** A number of the cost model: what it is worth, and why anyone should believe it. */
export interface Quantity {
  readonly value: number;
  readonly unit: Unit;
  /** Range within which the truth is thought to lie. */
  readonly low: number;
  readonly high: number;
  /**
   * `S` seen in the primary text, `S-abs` seen in an abstract or a quotation, `D` derived from such a
   * number, `R` remembered and not seen, `assumption` chosen without a published source, `user`
   * given by a profile of the user's own.
   */
  readonly tag: Tag;
  /** Where it comes from, or how it was chosen. */
  readonly source: string;
}

/** `cycles` are of the SoC's clock; `GB/s` are 10^9 bytes a second. */
export type Unit =
  'cycles' | 'ns' | 'GHz' | 'GB/s' | 'Mb/s' | 'ns/B' | 'B' | 'count' | 'levels' | 'log2 pages';

/** A number with its provenance. */
export function quantity(
  value: number,
  unit: Unit,
  range: readonly [low: number, high: number],
  tag: Tag,
  source: string,
): Quantity {
  return { value, unit, low: range[0], high: range[1], tag, source };
}
