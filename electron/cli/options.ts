/** Options of a command: their description, and the arguments that were given. */
import { parseArgs } from 'node:util';
import { LabError } from '../../core/contract/index.ts';
import { nearest } from '../../core/base/nearest.ts';

export interface OptionSpec {
  /** Placeholder of the value, as `FILE`; without one the option is a switch. */
  readonly value?: string;
  readonly repeatable?: boolean;
  readonly doc: string;
}
export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** One option as it was given, in the order of the command line. */
export interface GivenOption {
  readonly name: string;
  /** Empty for a switch. */
  readonly value: string;
}

export interface Arguments {
  readonly positionals: readonly string[];
  readonly options: readonly GivenOption[];
  has(name: string): boolean;
  /** Value of an option that may be given once. */
  get(name: string): string | undefined;
}

/** Every command has these. */
export const COMMON_OPTIONS: OptionSpecs = {
  help: { doc: 'Show this help.' },
};
export const JSON_OPTION: OptionSpecs = {
  json: { doc: 'Print JSON, for scripts.' },
};

/**
 * Reads the arguments of a command.
 *
 * @param command for messages
 * @throws LabError BAD_USAGE for an option that does not exist, lacks its value, has one too many or
 *   is given twice
 */
export function readArguments(
  command: string,
  args: readonly string[],
  specs: OptionSpecs,
): Arguments {
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(
      Object.entries(specs).map(([name, spec]) => [
        name,
        { type: spec.value === undefined ? 'boolean' : 'string', multiple: true } as const,
      ]),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const positionals: string[] = [];
  const options: GivenOption[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    if (!Object.hasOwn(specs, token.name) || !token.rawName.startsWith('--')) {
      throw unknownOption(command, token.rawName, Object.keys(specs));
    }
    const spec = specs[token.name] as OptionSpec;
    if (spec.repeatable !== true && options.some(({ name }) => name === token.name)) {
      throw usage('an option is given twice', `${command} --${token.name}`, 'give it once');
    }
    const { value } = token;
    if (spec.value === undefined && value !== undefined) {
      throw usage('a switch takes no value', `${command} --${token.name}`, 'leave the value out');
    }
    const missing = value === undefined || (value.startsWith('--') && !token.inlineValue);
    if (spec.value !== undefined && missing) {
      throw usage(
        'an option lacks its value',
        `${command} --${token.name}`,
        `write --${token.name} ${spec.value}`,
      );
    }
    options.push({ name: token.name, value: value ?? '' });
  }
  return {
    positionals,
    options,
    has: (name) => options.some((option) => option.name === name),
    get: (name) => options.find((option) => option.name === name)?.value,
  };
}

/** A BAD_USAGE error. */
export function usage(what: string, where: string, remedy: string): LabError {
  return new LabError('BAD_USAGE', what, where, remedy);
}

function unknownOption(command: string, given: string, names: readonly string[]): LabError {
  const help = `see "mapcopy ${command} --help"`;
  if (!given.startsWith('--')) {
    return usage(`there is no option ${given}`, command, `options are long, as --json; ${help}`);
  }
  const close = nearest(given.slice(2), names);
  return usage(
    `there is no option ${given}`,
    command,
    close === undefined ? help : `did you mean --${close}? ${help}`,
  );
}

/** Options as aligned lines of help. */
export function optionLines(specs: OptionSpecs): string[] {
  const rows = Object.entries(specs).map(([name, spec]) => ({
    left: spec.value === undefined ? `--${name}` : `--${name} ${spec.value}`,
    doc: spec.repeatable === true ? `${spec.doc} May be repeated.` : spec.doc,
  }));
  const width = Math.max(...rows.map(({ left }) => left.length));
  return rows.map(({ left, doc }) => `  ${left.padEnd(width)}  ${doc}`);
}
