/** Chrome JSON that `mapcopy export` wrote: its events come back as what they were. */
import { K, KINDS, type Kind } from '../../../core/contract/kinds.ts';
import { columnNames, originalName } from '../../export/names.ts';
import { labelOf } from '../../export/provenance.ts';
import type { Payload } from '../payload/index.ts';

const BY_NAME = new Map(KINDS.map((kind) => [`${kind.category} ${kind.name}`, kind]));
const WIDE = /^(?:-?\d{1,20}|0x[0-9a-f]{1,16})$/i;
const WHOLE = /^-?\d{1,16}$/;

/** Does a document that begins like this come from us? */
export function isOwnExport(head: string): boolean {
  return /^\s*\{"displayTimeUnit":"ns","otherData":\{[^{}]*"program":"mapcopy /.test(head);
}

/** The kind of an event of this vocabulary; null for any other. */
export function kindNamed(category: string, name: string): Kind | null {
  const kind = BY_NAME.get(`${category} ${name}`);
  return kind === undefined || kind.code === K.raw ? null : kind;
}

/**
 * Columns of an event of a kind, from its arguments. Frame and `arg` bear what the kind calls them, or
 * their own names.
 */
export function columnsOf(
  kind: Pick<Kind, 'code' | 'frame' | 'arg'>,
  args: Readonly<Record<string, string>>,
): Payload {
  const wide = (column: 'frame' | 'arg') => {
    const value = args[labelOf(kind[column], column)] ?? args[column];
    return value !== undefined && WIDE.test(value)
      ? { [column]: BigInt.asUintN(64, BigInt(value)) }
      : {};
  };
  const whole = (column: 'bytes' | 'n' | 'status') => {
    const value = args[column];
    return value !== undefined && WHOLE.test(value) ? { [column]: Number(value) } : {};
  };
  return {
    kind: kind.code,
    ...wide('frame'),
    ...wide('arg'),
    ...whole('bytes'),
    ...whole('n'),
    ...whole('status'),
  };
}

/** Its columns bear their own names. */
export const GENERIC = { code: K.generic, frame: null, arg: null };

/** What an event of ours held beside its columns. */
export function ownFields(
  args: Readonly<Record<string, string>>,
  category: string,
  name: string,
): Record<string, string> {
  const columns = columnNames(kindNamed(category, name) ?? GENERIC);
  const fields = Object.entries(args)
    .filter(([key]) => !columns.has(key))
    .map(([key, value]) => [originalName(key, columns), value]);
  return { name, ...(Object.fromEntries(fields) as Record<string, string>) };
}
