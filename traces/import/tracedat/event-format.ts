/** What a kernel says of an event: `events/SYSTEM/EVENT/format`. */

export interface Field {
  readonly name: string;
  readonly type: string;
  readonly offset: number;
  readonly size: number;
  readonly signed: boolean;
  /** Where the value is: here, or at a place that this field holds. */
  readonly place: 'here' | 'data_loc' | 'rel_loc';
  readonly isArray: boolean;
  readonly isText: boolean;
}

export interface EventFormat {
  readonly id: number;
  readonly name: string;
  readonly system: string;
  /** Without the common ones. */
  readonly fields: readonly Field[];
  readonly printFormat: string;
}

const FIELD = /^\s*field:(.+?);\s*offset:(\d+);\s*size:(\d+);(?:\s*signed:(\d+);)?/;

/** The fields of a description. */
export function fieldsOf(text: string): Field[] {
  const found: Field[] = [];
  for (const line of text.split('\n')) {
    const match = FIELD.exec(line.replace(/^\s*field: /, 'field:'));
    if (match === null) continue;
    const [, declaration = '', offset, size, signed] = match;
    const name = /([A-Za-z_]\w*)\s*(?:\[[^\]]*\])?\s*$/.exec(declaration);
    if (name === null) continue;
    const type = declaration.slice(0, name.index).trim();
    const isArray = declaration.trimEnd().endsWith(']') || type.endsWith(']');
    const place = /^__data_loc\b/.test(type)
      ? 'data_loc'
      : /^__rel_loc\b/.test(type)
        ? 'rel_loc'
        : 'here';
    found.push({
      name: name[1] ?? '',
      type,
      offset: Number(offset),
      size: Number(size),
      signed: signed === '1',
      place,
      isArray: isArray || place !== 'here',
      isText: (isArray || place !== 'here') && /\bchar\b/.test(type) && !/unsigned char/.test(type),
    });
  }
  return found;
}

/** Null when it is no description. */
export function parseFormat(system: string, text: string): EventFormat | null {
  const name = /^name: (\S+)/m.exec(text)?.[1];
  const id = /^ID: (\d+)/m.exec(text)?.[1];
  if (name === undefined || id === undefined) return null;
  const fields = fieldsOf(text).filter((field) => !field.name.startsWith('common_'));
  const at = text.indexOf('print fmt:');
  const printFormat = at < 0 ? '' : text.slice(at + 'print fmt:'.length).trim();
  return { id: Number(id), name, system, fields, printFormat };
}
