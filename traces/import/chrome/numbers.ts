/** Numbers of a Chrome trace, to the last digit. */

/** A number of so many digits may not fit in a double. */
const LONG_NUMBER = /\d[\d.]{15,}/;

/**
 * Reads one object; a number that a double cannot hold becomes its text. Null when it is no object
 * that JSON allows.
 */
export function parseExactly(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = LONG_NUMBER.test(text) ? JSON.parse(text, keepExact) : JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

/** The third argument is younger than the types of `JSON.parse`. */
function keepExact(this: unknown, _key: string, value: unknown, ...rest: unknown[]): unknown {
  const source = (rest[0] as { source?: string } | undefined)?.source;
  return typeof value === 'number' && source !== undefined && String(value) !== source
    ? source
    : value;
}

const DECIMAL = /^([+-]?)(\d{1,18})(?:\.(\d*))?$/;

/** Microseconds, as a number or its text, in nanoseconds; null when it is neither. */
export function nanoseconds(value: unknown): bigint | null {
  return scaled(value, 3);
}

/**
 * Nanoseconds from the start to the end of an event, each rounded by itself, so that what ends as the
 * next begins still does. Null when `dur` is no duration.
 */
export function durationFrom(ts: unknown, dur: unknown): bigint | null {
  const length = scaled(dur, 6);
  if (length === null || length < 0n) return null;
  const start = scaled(ts, 6) ?? 0n;
  return rounded(start + length) - rounded(start);
}

/** Picoseconds to nanoseconds, halves upwards. */
function rounded(ps: bigint): bigint {
  const moved = ps + 500n;
  const rest = ((moved % 1000n) + 1000n) % 1000n;
  return (moved - rest) / 1000n;
}

/** A decimal number with its point moved to the right; halves away from zero. */
function scaled(value: unknown, digits: number): bigint | null {
  if (typeof value !== 'number' && typeof value !== 'string') return null;
  const text = String(value).trim();
  const match = DECIMAL.exec(text);
  if (match === null) {
    const number = text === '' ? Number.NaN : Number(text);
    if (!Number.isFinite(number) || Math.abs(number) > 1e18) return null;
    return BigInt(Math.round(number * 10 ** digits));
  }
  const [, sign, whole = '0', fraction = ''] = match;
  let result = BigInt(whole + fraction.slice(0, digits).padEnd(digits, '0'));
  if ((fraction.charCodeAt(digits) || 0) >= 0x35) result += 1n;
  return sign === '-' ? -result : result;
}
