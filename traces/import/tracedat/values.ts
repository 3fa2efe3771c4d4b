/** Values of an event's fields, to the last bit. */
import type { Field } from './event-format.ts';

/** An event's bytes and how to read them. */
export interface Raw {
  readonly data: Buffer;
  readonly big: boolean;
}

/** Where a field's value lies; empty when it reaches beyond the event. */
export function spanOf(field: Field, raw: Raw): Buffer {
  const { data } = raw;
  let { offset, size } = field;
  if (field.place !== 'here') {
    const word = Number(
      BigInt.asUintN(32, integer(data.subarray(offset, offset + 4), raw.big, false)),
    );
    const from = word & 0xffff;
    offset = field.place === 'rel_loc' ? offset + size + from : from;
    size = word >>> 16;
  } else if (size === 0) {
    size = data.length - offset;
  }
  return offset + size <= data.length ? data.subarray(offset, offset + size) : Buffer.alloc(0);
}

/** An integer of up to eight bytes. */
export function integer(bytes: Buffer, big: boolean, signed: boolean): bigint {
  let value = 0n;
  const length = Math.min(bytes.length, 8);
  for (let i = 0; i < length; i++) {
    value = (value << 8n) | BigInt(bytes[big ? i : length - 1 - i] ?? 0);
  }
  return signed ? BigInt.asIntN(length * 8, value) : value;
}

/** Text up to its NUL. */
export function text(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end);
}

/** A field as people read it: text, a number (wide ones in hexadecimal), or bytes. */
export function shown(field: Field, raw: Raw): string {
  const span = spanOf(field, raw);
  if (field.isText) return text(span);
  if (field.isArray) return span.toString('hex');
  const value = integer(span, raw.big, field.signed);
  return field.size === 8 && !field.signed ? `0x${value.toString(16)}` : String(value);
}
