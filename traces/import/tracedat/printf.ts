/** The kernel's `printf`, for the formats of events. */

export type Value = bigint | string;

/** Gives the next argument. `bytes` is the size of an integer, `text` asks for a string. */
export type NextArgument = (wanted: { readonly bytes: number; readonly text: boolean }) => Value;

const DIRECTIVE =
  /%([-+ #0]*)(\d+|\*)?(?:\.(\d+|\*))?(hh|h|ll|l|L|z|t|j)?([a-zA-Z%])(?:([A-Za-z]{0,3}))/g;
const MAX_WIDTH = 256;

/**
 * @param longSize bytes of the recorded kernel's `long`
 * @param symbol the name of a function at an address
 */
export function printf(
  format: string,
  next: NextArgument,
  longSize: number,
  symbol: (address: bigint) => string,
): string {
  return format.replace(
    DIRECTIVE,
    (
      _all,
      flags: string,
      width: string | undefined,
      precision: string | undefined,
      length: string | undefined,
      conversion: string,
      suffix: string,
    ) => {
      if (conversion === '%') return `%${suffix}`;
      const star = (text: string | undefined) =>
        text === '*'
          ? Number(next({ bytes: 4, text: false }))
          : text === undefined
            ? null
            : Number(text);
      const wide = Math.min(star(width) ?? 0, MAX_WIDTH);
      const precise = star(precision);
      const pad = (text: string) =>
        flags.includes('-')
          ? text.padEnd(wide)
          : text.padStart(wide, flags.includes('0') ? '0' : ' ');
      if (conversion === 's') {
        const value = String(next({ bytes: longSize, text: true }));
        const cut = precise === null ? value : value.slice(0, precise);
        return (flags.includes('-') ? cut.padEnd(wide) : cut.padStart(wide)) + suffix;
      }
      if (conversion === 'p') {
        const value = next({ bytes: longSize, text: false });
        if (typeof value === 'string') return value + suffix;
        const isSymbol = /^[fFsS]/.test(suffix);
        const rest = suffix.slice(/^[fFsSK]/.test(suffix) ? 1 : 0);
        return (isSymbol ? symbol(value) : `0x${value.toString(16)}`) + rest;
      }
      const bytes =
        { hh: 1, h: 2, ll: 8, L: 8, j: 8, l: longSize, z: longSize, t: longSize }[length ?? ''] ??
        4;
      const value = next({ bytes, text: false });
      if (typeof value === 'string') return pad(value) + suffix;
      return pad(integerText(value, bytes, conversion, flags, precise)) + suffix;
    },
  );
}

function integerText(
  value: bigint,
  bytes: number,
  conversion: string,
  flags: string,
  precise: number | null,
): string {
  const unsigned = BigInt.asUintN(bytes * 8, value);
  const digits = (text: string) => text.padStart(Math.min(precise ?? 0, MAX_WIDTH), '0');
  switch (conversion) {
    case 'd':
    case 'i': {
      const signed = BigInt.asIntN(bytes * 8, value);
      return signed < 0n ? `-${digits(String(-signed))}` : digits(String(signed));
    }
    case 'x':
      return (flags.includes('#') ? '0x' : '') + digits(unsigned.toString(16));
    case 'X':
      return (flags.includes('#') ? '0X' : '') + digits(unsigned.toString(16).toUpperCase());
    case 'o':
      return digits(unsigned.toString(8));
    case 'c':
      return String.fromCharCode(Number(unsigned & 0xffn));
    default:
      return digits(String(unsigned));
  }
}
