/**
 * How numbers are written, in figures and everywhere in the interface: thin spaces between groups of
 * three, a true minus, and a unit after a no-break space.
 */

export const THIN = '\u2009';
export const NBSP = '\u00a0';
export const MINUS = '\u2212';

function group(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+(?!\d))/g, THIN);
}

/** `value` with exactly `digits` decimals: `1 482 306`, `−0.35`. */
export function fixed(value: number, digits = 0): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? '–' : value > 0 ? '∞' : `${MINUS}∞`;
  const [whole = '0', fraction] = Math.abs(value).toFixed(digits).split('.');
  const text = group(whole) + (fraction === undefined ? '' : `.${fraction}`);
  return value < 0 && /[1-9]/.test(text) ? MINUS + text : text;
}

/** About `figures` significant figures, never with an exponent: `0.0123`, `4.28`, `1 042`. */
export function significant(value: number, figures = 3): string {
  if (value === 0 || !Number.isFinite(value)) return fixed(value);
  const magnitude = Math.floor(Math.log10(Math.abs(value)));
  return fixed(value, Math.min(12, Math.max(0, figures - 1 - magnitude)));
}

export function withUnit(text: string, unit: string): string {
  return unit === '' ? text : text + NBSP + unit;
}

const TIME_UNITS = [
  { unit: 's', ps: 1e12 },
  { unit: 'ms', ps: 1e9 },
  { unit: 'µs', ps: 1e6 },
  { unit: 'ns', ps: 1e3 },
  { unit: 'ps', ps: 1 },
] as const;

/** The largest unit in which `ps` picoseconds is at least one. */
export function timeUnit(ps: number): { readonly unit: string; readonly ps: number } {
  const size = Math.abs(ps);
  return TIME_UNITS.find((each) => size >= each.ps * 0.9995) ?? { unit: 'ps', ps: 1 };
}

/** A duration for reading: `2.71 µs`, `950 ns`, `1.204 s`. */
export function duration(ps: number, figures = 3): string {
  if (ps === 0) return withUnit('0', 'ns');
  const { unit, ps: size } = timeUnit(ps);
  return withUnit(significant(ps / size, unit === 'ps' ? 1 : figures), unit);
}

export function durationNs(ns: number, figures = 3): string {
  return duration(ns * 1000, figures);
}

/**
 * A point in time with every digit the trace has, in the unit that suits the whole run, fractions in
 * groups of three: `21.874 431 208 ms`.
 *
 * @param spanPs length of the run: it fixes the unit, so that times in one view can be compared
 * @param tickPs length of a tick: digits below it are not written
 */
export function clock(ps: number, spanPs: number, tickPs: number): { text: string; unit: string } {
  const { unit, ps: size } = timeUnit(Math.max(spanPs, tickPs * 1000));
  const digits = Math.max(0, Math.round(Math.log10(size / tickPs)));
  const [whole = '0', fraction = ''] = fixed(ps / size, digits).split('.');
  const grouped = fraction.replace(/(\d{3})(?=\d)/g, `$1${THIN}`);
  return { text: fraction === '' ? whole : `${whole}.${grouped}`, unit };
}

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** Bytes in the largest binary unit: `976 KiB`, `6.9 MiB`. */
export function bytes(value: number): string {
  let index = 0;
  let scaled = Math.abs(value);
  while (scaled >= 1024 && index < BYTE_UNITS.length - 1) {
    scaled /= 1024;
    index += 1;
  }
  const text = index === 0 || scaled >= 100 ? fixed(scaled) : significant(scaled, 2);
  return withUnit((value < 0 ? MINUS : '') + text, BYTE_UNITS[index] ?? 'B');
}

const LARGE = [
  { suffix: 'T', size: 1e12 },
  { suffix: 'G', size: 1e9 },
  { suffix: 'M', size: 1e6 },
  { suffix: 'k', size: 1e3 },
] as const;

/** A count for tight places and axes: `1.2 M`, `48 k`, `311`. */
export function short(value: number): string {
  const large = LARGE.find((each) => Math.abs(value) >= each.size);
  if (large === undefined) return Number.isInteger(value) ? fixed(value) : significant(value);
  return withUnit(significant(value / large.size, 2).replace(/\.0$/, ''), large.suffix);
}

/** A ratio to a baseline: `1.04×`. */
export function ratio(value: number): string {
  return `${fixed(value, 2)}×`;
}

/** A signed share: `−39 %`. */
export function signedPercent(share: number): string {
  const text = fixed(Math.abs(share) * 100);
  return withUnit((share > 0 ? '+' : share < 0 ? MINUS : '') + text, '%');
}

/** Nines of a share: 0.9 is 1, 0.99 is 2. */
export const nines = (share: number): number => -Math.log10(1 - share);

/** The percentile that so many nines are: `p99.9`. */
export const ninesText = (value: number): string =>
  `p${significant(100 * (1 - 10 ** -value), 4)
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '')}`;

export function percent(share: number, digits = 0): string {
  return withUnit(fixed(share * 100, digits), '%');
}

/** `1 event`, `3 events`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${fixed(count)}${NBSP}${count === 1 ? one : many}`;
}
