import type { DmaApi } from '../primitives/dma-api.ts';
import type { Iommu } from '../primitives/iommu.ts';
import type { World } from '../primitives/world.ts';
import type { Carrier, GttMapper, Strategy } from '../strategies/types.ts';

/** One request of the workload, from its system call to its last reclaimed byte. */
export interface Request {
  readonly id: number;
  readonly bytes: number;
  readonly submittedPs: number;
  /** It was dropped on its way and will not be sent again: it is over, but was not carried. */
  readonly lost?: boolean;
}

/** What a run wants to know of its workload. */
export interface WorkloadEvents {
  /** A request begins. */
  submitted(request: Request): void;
  /** The frontend may reuse the request's memory. */
  completed(request: Request): void;
  /** The request has been completed, and its payload is where it was to go. */
  finished(request: Request): void;
  /** Nothing will be recorded for the request any more. */
  retired(request: Request): void;
}

/** What a workload is made of. */
export interface WorkloadParts {
  readonly world: World;
  readonly strategy: Strategy;
  /** Null where no backend stands between guest and device. */
  readonly carrier: Carrier | null;
  /** Null where no emulator translates for a graphics device. */
  readonly gtt: GttMapper | null;
  /** DMA API of whoever drives the device: the backend or the host, else the guest. */
  readonly dma: DmaApi;
  readonly iommu: Iommu;
  readonly events: WorkloadEvents;
}

/** A workload in one run. */
export interface Workload {
  /** Starts its processes. */
  start(): void;
  /** Fraction of the run's time that each server other than a CPU was busy: picoseconds so far. */
  serverBusyPs(): Record<string, number>;
  /** Batch sizes by kind of batch: size -> how often. */
  batches(): Record<string, ReadonlyMap<number, number>>;
  /** Picoseconds that requests waited, and how many did, by queue. */
  queueWaits(): Record<string, { readonly waitPs: number; readonly count: number }>;
  /** Packets that found no buffer, and requests answered with an error, so far. */
  readonly dropped?: number;
  /** False while something goes on after the last answer (a retransmission that is due). */
  readonly isSettled?: boolean;
  /** Greatest number of payload bytes that the frontend had lent out. */
  readonly frontendBytesMax: number;
}
