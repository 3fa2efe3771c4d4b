/** Times and durations as CSV files have them, in nanoseconds. */
import type { CsvMapping, TimeUnit } from '../../../core/contract/methods/index.ts';

/** Digits that the unit is away from nanoseconds. */
const SHIFT: Readonly<Record<TimeUnit, number>> = { s: 9, ms: 6, us: 3, ns: 0 };
/** With an exponent where a program printed a double. */
const DECIMAL = /^(-?)(\d{1,30})(?:\.(\d*))?(?:[eE]([+-]?\d{1,2}))?$/;
/** ISO 8601; without an offset it is taken as UTC. */
const DATE =
  /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,30}))?(?:Z| ?UTC|([+-]\d\d):?(\d\d))?$/;
const NS_PER_MS = 1_000_000n;
const NS_PER_SEC = 1_000_000_000n;

/** What a mapping says of numbers. */
export type TimeFormat = Pick<CsvMapping, 'timeUnit' | 'decimal'>;

/** A time: a decimal number in the mapping's unit, or a date. Null when it is neither. */
export function timeOf(text: string, format: TimeFormat): bigint | null {
  return lengthOf(text, format) ?? dateOf(text);
}

/** A duration: a decimal number in the mapping's unit; null when it is none. */
export function lengthOf(text: string, { timeUnit, decimal }: TimeFormat): bigint | null {
  const match = DECIMAL.exec(decimal === ',' ? text.replace(',', '.') : text);
  if (match === null) return null;
  const [, sign, whole = '0', fraction = '', exponent = '0'] = match;
  const ns = shifted(whole + fraction, SHIFT[timeUnit] + Number(exponent) - fraction.length);
  return sign === '-' ? -ns : ns;
}

/** Is this the text of a date? */
export function isDate(text: string): boolean {
  return dateOf(text) !== null;
}

/** Nanoseconds from 1970 on. */
function dateOf(text: string): bigint | null {
  const match = DATE.exec(text);
  if (match === null) return null;
  const [, day = '', time = '', fraction = '', hours, minutes = ''] = match;
  const offset = hours === undefined ? 'Z' : `${hours}:${minutes}`;
  const ms = Date.parse(`${day}T${time}${offset}`);
  if (Number.isNaN(ms)) return null;
  return BigInt(ms) * NS_PER_MS + BigInt(fraction.slice(0, 9).padEnd(9, '0'));
}

/** Digits with so many zeros behind them, or without so many of the last. */
function shifted(digits: string, by: number): bigint {
  return by >= 0 ? BigInt(digits) * 10n ** BigInt(by) : BigInt(digits) / 10n ** BigInt(-by);
}

/** Seconds and the nanoseconds in them, also before zero. */
export function clock(ns: bigint): { sec: bigint; ns: number } {
  const rest = ((ns % NS_PER_SEC) + NS_PER_SEC) % NS_PER_SEC;
  return { sec: (ns - rest) / NS_PER_SEC, ns: Number(rest) };
}
