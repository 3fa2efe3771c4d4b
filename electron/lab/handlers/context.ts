import type { Library } from '../library.ts';
import type { LabParts } from '../parts.ts';

/** What the handlers of every topic work with. */
export interface LabContext {
  readonly library: Library;
  readonly parts: LabParts;
  /** Takes note of work that the lab may not leave half done when it ends. */
  readonly track: <T>(work: Promise<T>) => Promise<T>;
  /** Fires when the caller goes away and when the lab ends. */
  readonly until: (signal: AbortSignal) => AbortSignal;
}
