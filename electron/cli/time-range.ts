/** `--from T` and `--until T`, alike in every command that takes a part of a trace. */
import type { TimeRange } from '../../traces/read/time-range.ts';
import { usage, type Arguments, type OptionSpecs } from './options.ts';

/** Powers of ten of a picosecond. */
const UNITS: Readonly<Record<string, number>> = { ps: 0, ns: 3, us: 6, ms: 9, s: 12 };

export const TIME_OPTIONS: OptionSpecs = {
  from: { value: 'T', doc: 'Take events that last beyond this time: 1.5ms, 200us, 300 (ns).' },
  until: { value: 'T', doc: 'Take events that begin before this time.' },
};

/**
 * @param end the option that says when the part ends
 * @throws LabError BAD_USAGE
 */
export function readTimeRange(command: string, args: Arguments, end = 'until'): TimeRange {
  const fromPs = readTime(command, args, 'from');
  const toPs = readTime(command, args, end);
  if (fromPs !== undefined && toPs !== undefined && fromPs >= toPs) {
    throw usage(
      'the time ends before it begins',
      `${command} --from --${end}`,
      `give --${end} a later time`,
    );
  }
  return {
    ...(fromPs === undefined ? {} : { fromPs }),
    ...(toPs === undefined ? {} : { toPs }),
  };
}

/** A time in picoseconds, exactly; a bare number is nanoseconds. */
function readTime(command: string, args: Arguments, option: string): bigint | undefined {
  const given = args.get(option);
  if (given === undefined) return undefined;
  const [, whole, rest = '', unit = 'ns'] =
    /^(\d{1,12})(?:\.(\d+))?(ps|ns|us|ms|s)?$/.exec(given) ?? [];
  const places = UNITS[unit] ?? 0;
  if (whole === undefined || rest.length > places) {
    throw usage(
      'that is no time',
      `${command} --${option} ${given}`,
      'write 1.5ms, 200us or 300ns',
    );
  }
  return BigInt(whole + rest.padEnd(places, '0'));
}
