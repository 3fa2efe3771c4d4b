/** A sweep carried out, and sweeps merged. Loading this module loads SQLite. */
export { mergeSweeps, type MergeOutcome } from './merge.ts';
export { runSweep, type SweepOutcome, type SweepProgress } from './sweep.ts';
