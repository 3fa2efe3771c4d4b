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
  if (typeof value !== 'number' && typeof value !== 'string') return null;
  const text = String(value).trim();
  const match = DECIMAL.exec(text);
  if (match === null) {
    const number = text === '' ? Number.NaN : Number(text);
    if (!Number.isFinite(number) || Math.abs(number) > 1e18) return null;
    return BigInt(Math.round(number * 1000));
  }
  const [, sign, whole = '0', fraction = ''] = match;
  let ns = BigInt(whole) * 1000n + BigInt(fraction.slice(0, 3).padEnd(3, '0'));
  if ((fraction.charCodeAt(3) || 0) >= 0x35) ns += 1n;
  return sign === '-' ? -ns : ns;
}
