import type { HypervisorId } from '../../contract/ids.ts';
import type { Quantity } from '../quantity.ts';

/** How CPU mappings of guest frames are taken away. */
export type TlbMaintenance =
  /** One round of interrupts for each chunk of 32 elements. */
  | 'ipi-per-chunk'
  /** One broadcast invalidation for each element. */
  | 'broadcast-per-element';

/** How a domain or process is told that there is work. */
export type Notification = 'event-channel' | 'eventfd';

/** Costs that depend on the architecture, for hypervisors that run on both. */
export interface HypervisorCosts {
  /** Entry to and return from the hypervisor by hypercall, doing nothing. */
  readonly hypercall: Quantity;
  /** Exit and entry that is not a hypercall. */
  readonly trap: Quantity;
  /** From the frontend's notification to the first instruction of an idle backend. */
  readonly notifyBackend: Quantity;
  /** From the backend's notification to the first instruction of an idle frontend. */
  readonly notifyFrontend: Quantity;
  /** Taking a notification on a CPU that is running already. */
  readonly upcall: Quantity;
  /** Making an event channel pending, or signalling an eventfd, beyond entry and exit. */
  readonly sendWork: Quantity;

  readonly grantEntry: Quantity;
  readonly grantMapElement: Quantity;
  readonly grantUnmapElement: Quantity;
  readonly grantUnmapComplete: Quantity;
  readonly grantCopyElement: Quantity;
  /** Work of the hypervisor on a MAP or UNMAP request of a virtual IOMMU, and on one page of it. */
  readonly viommuRequest: Quantity;
  readonly viommuPage: Quantity;
}

/** A hypervisor with the kind of domain that holds the backend. */
export interface HypervisorProfile {
  readonly id: HypervisorId;
  readonly name: string;
  readonly summary: string;
  readonly archs: readonly ('x86' | 'arm')[];
  readonly tlb: Readonly<Partial<Record<'x86' | 'arm', TlbMaintenance>>>;
  readonly notification: Notification;
  /** netback and its ring, or vhost. */
  readonly backend: 'netback' | 'vhost';
  readonly privilege: 'control' | 'target' | 'target-list' | 'none';
  readonly hostDma: Readonly<Partial<Record<'x86' | 'arm', 'passthrough' | 'lazy' | 'strict'>>>;
  /** Modes of `hostDma` that exist here, and why the others do not. */
  readonly hostDmaChoices: readonly ('passthrough' | 'lazy' | 'strict')[];
  readonly hostDmaReason: string;
  /** Does the device's path go through IOMMU tables when `hostDma` is passthrough? */
  readonly passthroughTranslates: boolean;
  /** Does a virtio backend copy before it sends, by default? */
  readonly backendCopies: boolean;
  readonly mitigations: string;
  readonly costs: Readonly<Partial<Record<'x86' | 'arm', HypervisorCosts>>>;
}
