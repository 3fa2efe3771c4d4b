/** The rate of a clock as it is typed. */
import { MAX_CLOCK_HZ, MIN_CLOCK_HZ } from '../../core/contract/index.ts';
import { typedNumber } from './time-fields.ts';

/** @param text megahertz @returns hertz, null where nothing is typed or something is wrong */
export function clockOf(text: string): { readonly hz: number | null; readonly wrong: string } {
  const mhz = typedNumber(text);
  if (mhz === undefined) return { hz: null, wrong: '' };
  if (mhz === null) return { hz: null, wrong: 'not a number' };
  const hz = Math.round(mhz * 1e6);
  return hz >= MIN_CLOCK_HZ && hz <= MAX_CLOCK_HZ
    ? { hz, wrong: '' }
    : { hz: null, wrong: `${MIN_CLOCK_HZ / 1e6} to ${MAX_CLOCK_HZ / 1e6} MHz` };
}
