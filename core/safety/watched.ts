/** What the oracle watches, and what it is told. */
/** Actors whose reach is watched. */
export const REACHERS = ['backend', 'device'] as const;
export type Reacher = (typeof REACHERS)[number];

/** One access to memory. */
export interface Access {
  readonly request: number;
  readonly event: number;
  readonly write: boolean;
  /**
   * `blocked`: a translation was missing and the access refused; `stale`: it went through a cached
   * translation that should have been gone.
   */
  readonly outcome: 'done' | 'stale' | 'blocked';
}

export interface Standing {
  readonly actor: Reacher;
  readonly first: number;
  readonly frames: number;
  /** Was the range set aside for I/O, so that reaching all of it is no wider than meant? */
  readonly dedicated: boolean;
  readonly note: string;
}

/** What the oracle watches. */
export interface Watched {
  /** First mfn of all guests, and how many frames they have together. */
  readonly first: number;
  readonly frames: number;
  readonly pageExclusive: boolean;
  /** Does the guest drive the device itself? Its own mappings then permit the device's accesses. */
  readonly ownDevice: boolean;
}
