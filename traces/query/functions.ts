/** Functions that exist in queries of the lab only: the file's own views use none of them. */
import type Database from 'better-sqlite3';
import type { TraceStore } from '../read/store.ts';

const PS_PER_SECOND = 1_000_000_000_000n;
const UNITS = [
  [1e12, 's'],
  [1e9, 'ms'],
  [1e6, 'µs'],
  [1e3, 'ns'],
] as const;

/** Whole picoseconds as seconds, exactly: no digit is rounded, none is made up. */
export function exactSeconds(ps: bigint): string {
  const sign = ps < 0n ? '-' : '';
  const size = ps < 0n ? -ps : ps;
  return `${sign}${size / PS_PER_SECOND}.${String(size % PS_PER_SECOND).padStart(12, '0')}`;
}

/** Picoseconds with four digits in the unit that reads best. */
function readable(ps: number): string {
  const [size, unit] = UNITS.find(([each]) => Math.abs(ps) >= each) ?? [1, 'ps'];
  return `${Number((ps / size).toPrecision(4))} ${unit}`;
}

/** An integer of SQL; text, reals and blobs are none, and a function of them is NULL. */
function whole<T>(answer: (value: bigint) => T): (value: unknown) => T | null {
  return (value) => (typeof value === 'bigint' ? answer(value) : null);
}

/** Defines them on the connection of a trace. An argument that is no integer gives NULL. */
export function defineFunctions(db: Database.Database, store: TraceStore): void {
  const tickPs = BigInt(store.tickPs);
  const basePs =
    digits(store.meta.get('base_sec')) * PS_PER_SECOND + digits(store.meta.get('base_ns')) * 1000n;
  const define = (name: string, answer: (value: bigint) => string | number) =>
    db.function(name, { safeIntegers: true, deterministic: true }, whole(answer));
  define('to_hex', (value) => `0x${BigInt.asUintN(64, value).toString(16)}`);
  define('u64', (value) => BigInt.asUintN(64, value).toString());
  define('ns', (ticks) => Number(ticks * tickPs) / 1000);
  define('seconds', (ticks) => exactSeconds(ticks * tickPs));
  define('duration', (ticks) => readable(Number(ticks * tickPs)));
  define('clock', (ticks) => exactSeconds(basePs + ticks * tickPs));
}

function digits(value: string | undefined): bigint {
  return value !== undefined && /^-?\d{1,20}$/.test(value) ? BigInt(value) : 0n;
}
