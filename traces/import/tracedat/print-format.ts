/** The `print fmt` of a description: a format and C expressions over the event's fields. */
import type { EventFormat, Field } from './event-format.ts';
import { printf, type Value } from './printf.ts';
import { integer, shown, spanOf, text, type Raw } from './values.ts';

/** Something that this does not read: the event is then shown by its fields. */
class NotRead extends Error {}

/** What expressions need beyond the event. */
export interface Machine {
  readonly longSize: number;
  readonly symbol: (address: bigint) => string;
}

export type Printer = (raw: Raw) => string;
type Expression = (raw: Raw) => Value;

const TOKEN =
  /\s*(?:("(?:[^"\\]|\\.)*")|(0[xX][0-9a-fA-F]+|\d+)[uUlL]*|([A-Za-z_]\w*)|('(?:[^'\\]|\\.)')|(->|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^~!<>?:(),{}[\].]))/y;
const TYPES =
  /^(?:unsigned|signed|int|long|char|short|void|const|struct|enum|union|bool|size_t|ssize_t|pid_t|sector_t|dma_addr_t|phys_addr_t|gfn_t|gpa_t|gva_t|uintptr_t|u?int(?:8|16|32|64)_t|(?:__)?[us](?:8|16|32|64))$/;
/** Names that descriptions of Linux 4.10 to 5.19 leave in: `enum swiotlb_force` of `include/linux/swiotlb.h`. */
const ENUMS: Readonly<Record<string, bigint>> = {
  SWIOTLB_NORMAL: 0n,
  SWIOTLB_FORCE: 1n,
  SWIOTLB_NO_FORCE: 2n,
};
const BINARY: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['==', '!='],
  ['<', '>', '<=', '>='],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
];
const MAX_TOKENS = 20_000;
const MAX_DEPTH = 100;

function tokensOf(source: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.trimEnd().length) {
    const match = TOKEN.exec(source);
    if (match === null || tokens.length === MAX_TOKENS) throw new NotRead();
    tokens.push(match[1] ?? match[2] ?? match[3] ?? match[4] ?? match[5] ?? '');
  }
  return tokens;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '0': '\0' };

/** The text between quotes. */
export function unquoted(token: string): string {
  return token.slice(1, -1).replace(/\\(.)/g, (_all, letter: string) => ESCAPES[letter] ?? letter);
}

function truth(value: Value): bigint {
  return typeof value === 'bigint' ? value : 0n;
}

function apply(operator: string, a: bigint, b: bigint): bigint {
  const bit = (is: boolean) => (is ? 1n : 0n);
  switch (operator) {
    case '||':
      return bit(a !== 0n || b !== 0n);
    case '&&':
      return bit(a !== 0n && b !== 0n);
    case '|':
      return a | b;
    case '^':
      return a ^ b;
    case '&':
      return a & b;
    case '==':
      return bit(a === b);
    case '!=':
      return bit(a !== b);
    case '<':
      return bit(a < b);
    case '>':
      return bit(a > b);
    case '<=':
      return bit(a <= b);
    case '>=':
      return bit(a >= b);
    case '<<':
      return b >= 0n && b < 64n ? BigInt.asUintN(64, a << b) : 0n;
    case '>>':
      return b >= 0n && b < 64n ? a >> b : 0n;
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return BigInt.asIntN(128, a * b);
    case '/':
      return b === 0n ? 0n : a / b;
    default:
      return b === 0n ? 0n : a % b;
  }
}

class Parser {
  readonly #tokens: readonly string[];
  readonly #fields: ReadonlyMap<string, Field>;
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly string[], format: EventFormat) {
    this.#tokens = tokens;
    this.#fields = new Map(format.fields.map((field) => [field.name, field]));
  }

  /** The format, and its arguments. */
  whole(): { format: string; args: Expression[] } {
    const format = this.#string();
    const args: Expression[] = [];
    while (this.#take(',')) args.push(this.#expression());
    if (this.#at < this.#tokens.length) throw new NotRead();
    return { format, args };
  }

  #peek(): string {
    return this.#tokens[this.#at] ?? '';
  }

  #take(token: string): boolean {
    if (this.#peek() !== token) return false;
    this.#at += 1;
    return true;
  }

  #need(token: string): void {
    if (!this.#take(token)) throw new NotRead();
  }

  #string(): string {
    let value = '';
    if (!this.#peek().startsWith('"')) throw new NotRead();
    while (this.#peek().startsWith('"')) {
      value += unquoted(this.#peek());
      this.#at += 1;
    }
    return value;
  }

  #expression(): Expression {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new NotRead();
    const condition = this.#binary(0);
    this.#depth -= 1;
    if (!this.#take('?')) return condition;
    const yes = this.#expression();
    this.#need(':');
    const no = this.#expression();
    return (raw) => (truth(condition(raw)) === 0n ? no(raw) : yes(raw));
  }

  #binary(level: number): Expression {
    const operators = BINARY[level];
    if (operators === undefined) return this.#unary();
    let left = this.#binary(level + 1);
    while (operators.includes(this.#peek())) {
      const operator = this.#peek();
      this.#at += 1;
      const [first, second] = [left, this.#binary(level + 1)];
      left = (raw) => apply(operator, truth(first(raw)), truth(second(raw)));
    }
    return left;
  }

  #unary(): Expression {
    for (const operator of ['-', '~', '!']) {
      if (!this.#take(operator)) continue;
      const value = this.#nested(() => this.#unary());
      if (operator === '-') return (raw) => -truth(value(raw));
      if (operator === '~') return (raw) => ~truth(value(raw));
      return (raw) => (truth(value(raw)) === 0n ? 1n : 0n);
    }
    if (this.#peek() === '(' && TYPES.test(this.#tokens[this.#at + 1] ?? '')) return this.#cast();
    return this.#primary();
  }

  #nested<T>(parse: () => T): T {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new NotRead();
    const value = parse();
    this.#depth -= 1;
    return value;
  }

  #cast(): Expression {
    this.#need('(');
    const words: string[] = [];
    while (this.#peek() !== ')' && this.#at < this.#tokens.length) {
      words.push(this.#peek());
      this.#at += 1;
    }
    this.#need(')');
    const value = this.#nested(() => this.#unary());
    const type = words.join(' ');
    const bits =
      /8/.test(type) || type.includes('char')
        ? 8
        : /16|short/.test(type)
          ? 16
          : /32/.test(type) || /^(?:unsigned |signed )?int$|^unsigned$/.test(type)
            ? 32
            : 64;
    if (type.includes('*') || bits === 64) return value;
    const signed = !/unsigned|^(?:__)?u/.test(type);
    return (raw) => {
      const plain = value(raw);
      if (typeof plain === 'string') return plain;
      return signed ? BigInt.asIntN(bits, plain) : BigInt.asUintN(bits, plain);
    };
  }

  #primary(): Expression {
    const token = this.#peek();
    if (token.startsWith('"')) {
      const value = this.#string();
      return () => value;
    }
    this.#at += 1;
    if (/^\d/.test(token)) {
      const value = /^0\d/.test(token) ? BigInt(`0o${token.slice(1)}`) : BigInt(token);
      return () => value;
    }
    if (token.startsWith("'")) {
      const value = BigInt(unquoted(token).charCodeAt(0));
      return () => value;
    }
    if (token === '(') {
      const value = this.#expression();
      this.#need(')');
      return value;
    }
    if (token === 'REC') return this.#field();
    if (token in ENUMS) return () => ENUMS[token] ?? 0n;
    return this.#call(token);
  }

  #fieldNamed(name: string): Field {
    const field = this.#fields.get(name);
    if (field === undefined) throw new NotRead();
    return field;
  }

  #field(): Expression {
    this.#need('->');
    const field = this.#fieldNamed(this.#peek());
    this.#at += 1;
    if (this.#peek() === '[' || this.#peek() === '.') throw new NotRead();
    if (field.isText) return (raw) => text(spanOf(field, raw));
    if (field.isArray) return (raw) => shown(field, raw);
    return (raw) => integer(spanOf(field, raw), raw.big, field.signed);
  }

  #call(name: string): Expression {
    this.#need('(');
    switch (name) {
      case '__get_str':
      case '__get_rel_str': {
        const field = this.#fieldNamed(this.#peek());
        this.#at += 1;
        this.#need(')');
        return (raw) => text(spanOf(field, raw));
      }
      case '__print_symbolic': {
        const value = this.#expression();
        const pairs = this.#pairs();
        return (raw) => {
          const number = truth(value(raw));
          return (
            pairs.find(([key]) => truth(key(raw)) === number)?.[1] ??
            `0x${BigInt.asUintN(64, number).toString(16)}`
          );
        };
      }
      case '__print_flags': {
        const value = this.#expression();
        this.#need(',');
        const separator = this.#string();
        const pairs = this.#pairs();
        return (raw) => {
          let left = truth(value(raw));
          const found: string[] = [];
          for (const [key, name] of pairs) {
            const bits = truth(key(raw));
            if (bits === 0n || (left & bits) !== bits) continue;
            found.push(name);
            left &= ~bits;
          }
          if (left !== 0n) found.push(`0x${BigInt.asUintN(64, left).toString(16)}`);
          return found.join(separator);
        };
      }
      default:
        throw new NotRead();
    }
  }

  /** `, {value, "name"}` as often as there are, up to the bracket. */
  #pairs(): (readonly [Expression, string])[] {
    const pairs: (readonly [Expression, string])[] = [];
    while (this.#take(',')) {
      this.#need('{');
      const key = this.#expression();
      this.#need(',');
      pairs.push([key, this.#string()]);
      this.#need('}');
    }
    this.#need(')');
    return pairs;
  }
}

/** Prints events of a kind as the kernel would; null when its print format has something unknown. */
export function printerOf(format: EventFormat, machine: Machine): Printer | null {
  try {
    const { format: pattern, args } = new Parser(tokensOf(format.printFormat), format).whole();
    return (raw) => {
      let index = 0;
      const next = () => args[index++]?.(raw) ?? '';
      return printf(pattern, next, machine.longSize, machine.symbol);
    };
  } catch (thrown) {
    if (thrown instanceof NotRead) return null;
    throw thrown;
  }
}
