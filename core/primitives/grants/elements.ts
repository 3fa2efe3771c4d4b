/** Elements of grant hypercalls, with room for their answers. */

/** One element of `GNTTABOP_map_grant_ref`; `handle`, `mfn` and `status` are its answer. */
export interface MapElement {
  readonly guest: number;
  readonly ref: number;
  readonly readonly: boolean;
  /** `device`: GNTMAP_device_map alone, no CPU mapping. */
  readonly kind: 'host' | 'device';
  readonly request: number;
  handle: number;
  mfn: number;
  status: number;
}

/** One element of `GNTTABOP_copy`, between a granted page and a local one. */
export interface CopyElement {
  readonly guest: number;
  readonly ref: number;
  /** Offset in the granted page. */
  readonly offset: number;
  readonly bytes: number;
  /** Local frame of the backend, and offset in it. */
  readonly local: number;
  readonly localOffset: number;
  /** `out`: from the granted page; `in`: to it. */
  readonly direction: 'out' | 'in';
  readonly request: number;
  status: number;
}
