/** A part of the time as it is typed into a dialog. */
import type { TraceInfo } from '../../core/contract/index.ts';

/** As typed, in microseconds; empty where there is no limit. */
export interface TimeFields {
  readonly from: string;
  readonly until: string;
}

export const WHOLE_TIME: TimeFields = { from: '', until: '' };

/** A number as people type it; undefined for nothing, null for what is none. */
export function typedNumber(text: string): number | null | undefined {
  const typed = text.trim().replace(',', '.');
  if (typed === '') return undefined;
  const value = Number(typed);
  return Number.isFinite(value) ? value : null;
}

/** The text of a range in ticks. */
export function fieldsOfRange(
  range: { readonly from: number; readonly to: number },
  tickPs: number,
): TimeFields {
  const us = (tick: number) => String((tick * tickPs) / 1e6);
  return { from: us(range.from), until: us(range.to) };
}

/** The ticks that were typed, and what is wrong with them. */
export function ticksOfFields(
  { tickPs }: Pick<TraceInfo, 'tickPs'>,
  fields: TimeFields,
): {
  readonly ticks: { readonly from?: number; readonly until?: number };
  readonly wrong: Partial<TimeFields>;
} {
  const wrong: { from?: string; until?: string } = {};
  const tick = (name: keyof TimeFields) => {
    const us = typedNumber(fields[name]);
    if (us === null || (us ?? 0) < 0) wrong[name] = us === null ? 'not a number' : 'below zero';
    return us == null ? undefined : Math.round((us * 1e6) / tickPs);
  };
  const [from, until] = [tick('from'), tick('until')];
  if (from !== undefined && until !== undefined && until <= from)
    wrong.until ??= 'not after the start';
  return {
    ticks: {
      ...(from === undefined ? {} : { from }),
      ...(until === undefined ? {} : { until }),
    },
    wrong,
  };
}
