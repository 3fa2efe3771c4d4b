/** What a message of a recorded event says, in the columns of the `events` table. */
import { K } from '../../../core/contract/kinds.ts';

/** A message that was understood. */
export interface Payload {
  /** A code of `K`; `K.generic` where the fields were read but there is no kind for them. */
  readonly kind: number;
  readonly frame?: bigint;
  readonly bytes?: number;
  readonly n?: number;
  readonly status?: number;
  readonly arg?: bigint;
  /** Further fields for `details`. */
  readonly fields?: Readonly<Record<string, string>>;
  /** Set when the message was read but does not add up. */
  readonly problem?: string;
}

/** Reads the text after `event: `; null when it is not of a form that a kernel prints. */
export type PayloadParser = (message: string) => Payload | null;

/** Reads hexadecimal digits, with or without 0x. */
export function hex(digits: string): bigint {
  return BigInt(digits.startsWith('0x') || digits.startsWith('0X') ? digits : `0x${digits}`);
}

/** Reads hexadecimal digits with 0x, or decimal ones. */
export function number(digits: string): bigint {
  return BigInt(digits);
}

/**
 * A number of bytes as a column can hold it. One beyond 2^53 is no size: the field keeps it, the
 * column stays empty.
 */
export function size(value: bigint): { bytes?: number } {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? { bytes: Number(value) } : {};
}

/** The named fields that a match has. */
export function groups(match: RegExpExecArray): Record<string, string> {
  const found: Record<string, string> = {};
  // The types hide that a group may not have taken part.
  const named: Record<string, string | undefined> = match.groups ?? {};
  for (const name in named) {
    const value = named[name];
    if (value !== undefined && value !== '') found[name] = value;
  }
  return found;
}

/**
 * A parser for messages whose fields matter but that have no kind of their own.
 *
 * @param pattern with named groups
 */
export function fieldsOnly(pattern: RegExp): PayloadParser {
  return (message) => {
    const match = pattern.exec(message);
    return match === null ? null : { kind: K.generic, fields: groups(match) };
  };
}

/** Most key=value pairs kept of one message. */
const MAX_PAIRS = 256;

/** `key=value` pairs of a message; a value is `{...}`, `ARRAY[...]` or runs to the next blank. */
export function keyValues(message: string): Record<string, string> {
  const found: [string, string][] = [];
  for (const match of message.matchAll(
    /(?:^|[\s(,])([A-Za-z_][\w.]*)=(\{[^{}]*\}|ARRAY\[[^[\]]*\]|[^\s,]*)/g,
  )) {
    found.push([match[1] ?? '', match[2] ?? '']);
    if (found.length === MAX_PAIRS) break;
  }
  return Object.fromEntries(found);
}
