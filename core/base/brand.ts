/**
 * Numbers that must not be mixed up carry a brand. A brand exists for the compiler only; at run
 * time each of these is a plain number.
 */

declare const brand: unique symbol;
/** A `Base` that the compiler keeps apart from every other `Base`. */
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };

/** Simulated time or a duration in integer picoseconds, below 2^53 (2.5 hours). */
export type Ps = Brand<number, 'Ps'>;
/** Machine frame number: a 4 KiB frame of host memory. */
export type Mfn = Brand<number, 'Mfn'>;
/** Guest frame number. For a PV guest gfn and mfn are the same number. */
export type Gfn = Brand<number, 'Gfn'>;
/** Device frame number: what a device puts on the bus, the IOMMU's input (once called bfn). */
export type Dfn = Brand<number, 'Dfn'>;
/** Index into a domain's grant table. */
export type GrantRef = Brand<number, 'GrantRef'>;
/** Domain id. */
export type DomId = Brand<number, 'DomId'>;
/** Index into a mapper's maptrack table. */
export type GrantHandle = Brand<number, 'GrantHandle'>;

/** Bytes in a frame, on every machine the lab models. */
export const PAGE_SIZE = 4096;

/** Picoseconds in a nanosecond. */
export const PS_PER_NS = 1000;
/** Picoseconds in a second. */
export const PS_PER_S = 1e12;
