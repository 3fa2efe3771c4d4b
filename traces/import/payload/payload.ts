/** What a message of a recorded event says, in the columns of the `events` table. */
import { K } from '../../../core/contract/kinds.ts';

/** A message that was understood. */
export interface Payload {
  /** A code of `K`; `K.generic` where the fields were read but there is no kind for them. */
  readonly kind: number;
  /** 64 bits: as a number where they are one, read as signed; as a bigint unsigned. */
  readonly frame?: number | bigint | undefined;
  readonly bytes?: number | undefined;
  readonly n?: number | undefined;
  readonly status?: number;
  /** The same. */
  readonly arg?: number | bigint | undefined;
  /** Further fields for `details`. */
  readonly fields?: Readonly<Record<string, string>>;
  /** The same as members of the JSON of `details`, each with a comma before it. */
  readonly json?: string | undefined;
  /** Set when the message was read but does not add up. */
  readonly problem?: string | undefined;
}

/** Reads the text after `event: `; null when it is not of a form that a kernel prints. */
export type PayloadParser = (message: string) => Payload | null;

/** The fields of a message, in whichever form it has them. */
export function fieldsOf({ fields, json }: Payload): Readonly<Record<string, string>> {
  if (json === undefined) return fields ?? {};
  return JSON.parse(`{${json.slice(1)}}`) as Record<string, string>;
}

/** A hexadecimal digit by its character's code; one of the digits is all that is asked for. */
function digitOf(code: number): number {
  return code < 0x3a ? code - 0x30 : code - 0x57;
}

/** Above this in the upper half of 64 bits, read as signed, a number is no whole double. */
const MAX_UPPER = 0x1f_ffff;

/** Reads hexadecimal digits of 64 bits, with or without 0x, for a column. */
export function word(digits: string): number | bigint {
  const { length } = digits;
  let at = digits.startsWith('0x') ? 2 : 0;
  while (at < length && digits.charCodeAt(at) === 0x30) at += 1;
  if (length - at > 16) return hex(digits);
  let upper = 0;
  for (; at < length - 8; at++) upper = (upper << 4) | digitOf(digits.charCodeAt(at));
  if (upper > MAX_UPPER || upper < -MAX_UPPER) return hex(digits);
  let lower = 0;
  for (; at < length; at++) lower = (lower << 4) | digitOf(digits.charCodeAt(at));
  return upper * 2 ** 32 + (lower >>> 0);
}

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

/** The name of a thread may have blanks in it: it runs to the next key. */
const PAIR =
  /(?:^|[\s(,])(?:((?:[a-z]+_)?comm)=(.*?)(?=\s[A-Za-z_]\w*=|\s==>|$)|([A-Za-z_][\w.]*)=(\{[^{}]*\}|ARRAY\[[^[\]]*\]|"[^"]*"|[^\s,]*))/g;

/** `key=value` pairs of a message; a value is `{...}`, `ARRAY[...]`, `"..."` or runs to the next blank. */
export function keyValues(message: string): Record<string, string> {
  const found: [string, string][] = [];
  for (const [, comm, name = '', key = comm ?? '', value = name] of message.matchAll(PAIR)) {
    found.push([key, value]);
    if (found.length === MAX_PAIRS) break;
  }
  return Object.fromEntries(found);
}
