/** Forms of messages: regular expressions whose named groups are fields. */
import { owned } from '../owned.ts';

/** An event's own details; a field of the same name moves aside. */
const OWN_DETAILS = new Set([
  ...['name', 'comm', 'pid', 'tgid', 'system', 'guest', 'flags', 'stack', 'time', 'message'],
  '__proto__',
]);

/** What a field is called among the details. */
export function memberName(field: string): string {
  return OWN_DETAILS.has(field) ? `field.${field}` : field;
}

/** Digits need no quoting in JSON. */
const DIGITS = /^(?:-\?)?(?:0x)?(?:\[0-9a-f\]|\\d)\+?\)/;

/** One field: its group, and how it stands in JSON. */
interface Field {
  readonly name: string;
  readonly member: string;
  readonly isDigits: boolean;
  /** Texts like these repeat themselves. */
  last: string;
  lastQuoted: string;
}

/** A match of a form; its groups are those of the form, from 1. */
export type Match = RegExpExecArray;

export class Form {
  readonly #pattern: RegExp;
  readonly #fields: readonly Field[];

  /**
   * @param pattern groups that capture have names, which need no quoting in JSON
   * @throws Error when one has no name
   */
  constructor(pattern: RegExp) {
    const { source, flags } = pattern;
    this.#fields = Array.from(source.matchAll(/\(\?<(\w+)>/g), (open) => {
      const [start, name = ''] = open;
      const isDigits = DIGITS.test(source.slice(open.index + start.length));
      return { name, member: `,"${memberName(name)}":"`, isDigits, last: '', lastQuoted: '' };
    });
    // Groups by number: a match with names costs twice as much.
    this.#pattern = new RegExp(source.replace(/\(\?<\w+>/g, '('), flags);
    const groups = new RegExp(`${source}|`, flags).exec('')?.length;
    if (groups !== this.#fields.length + 1) throw new Error(`a group without a name in ${source}`);
  }

  exec(message: string): Match | null {
    return this.#pattern.exec(message);
  }

  /** Number of the group of a field; 0 where there is none. */
  groupOf(name: string | undefined): number {
    return this.#fields.findIndex((field) => field.name === name) + 1;
  }

  /** The fields that a match has. */
  fields(match: Match): Record<string, string> {
    const found: Record<string, string> = {};
    let group = 0;
    for (const { name } of this.#fields) {
      const text = match[++group];
      if (text !== undefined && text !== '') found[name] = text;
    }
    return found;
  }

  /** The fields that a match has, as members of a JSON object; each begins with a comma. */
  json(match: Match): string {
    let json = '';
    let group = 0;
    for (const field of this.#fields) {
      const text = match[++group];
      if (text === undefined || text === '') continue;
      json += field.isDigits ? `${field.member}${text}"` : field.member + quoted(field, text);
    }
    return json;
  }
}

/** The text as in JSON, without the first quotation mark. */
function quoted(field: Field, text: string): string {
  if (text !== field.last) {
    field.last = owned(text);
    field.lastQuoted = JSON.stringify(text).slice(1);
  }
  return field.lastQuoted;
}
