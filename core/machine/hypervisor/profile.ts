import type { HypervisorId, SocId } from '../../contract/ids.ts';
import type { Quantity } from '../quantity.ts';
import type { IommuKind } from '../soc/profile.ts';

/** How CPU mappings of guest frames are taken away. */
export type TlbMaintenance =
  /** PV: one round of interrupts for each chunk of 32 elements. */
  | 'ipi-per-chunk'
  /** HVM and PVH: an INVEPT round for each page whose entry was present. */
  | 'ept-per-element'
  /** Arm: one broadcast invalidation for each element. */
  | 'broadcast-per-element';

/** How a domain or process is told that there is work. */
export type Notification = 'event-channel' | 'eventfd';

/** What a change of the backend's memory does to the IOMMU in front of its device. */
export type IommuSync =
  /** Nothing: the IOMMU holds all memory, or belongs to the host's own driver. */
  | 'none'
  /** A grant map or unmap also writes an IOMMU entry, and an unmap invalidates and waits. */
  | 'per-grant'
  /** The IOMMU walks the same second-level table: each removed entry also costs an invalidation. */
  | 'shared-table'
  /** Arm with an SMMU: each change of the p2m, maps included, invalidates the whole domain. */
  | 'domain-per-change';

/** Costs that depend on the architecture, for hypervisors that run on both. */
export interface HypervisorCosts {
  /** Entry to and return from the hypervisor by hypercall, doing nothing. */
  readonly hypercall: Quantity;
  /** Exit and entry that is not a hypercall, handled in the hypervisor or the host's kernel. */
  readonly trap: Quantity;
  /** Exit that a user-space VMM handles, beyond `trap`. */
  readonly userExit: Quantity;
  /** A guest write to an emulated VT-d register, as the VMM handles it; the exit is `trap`. */
  readonly vmmViommuWrite: Quantity;
  /** From the frontend's notification to the first instruction of an idle backend. */
  readonly notifyBackend: Quantity;
  /** From the backend's notification to the first instruction of an idle frontend. */
  readonly notifyFrontend: Quantity;
  /** Added where the backend is a process: event loop, system calls. */
  readonly userWake: Quantity;
  /** Taking a notification on a CPU that is running already. */
  readonly upcall: Quantity;
  /** Making an event channel pending, or signalling an eventfd, beyond entry and exit. */
  readonly sendWork: Quantity;
  /** Switching a physical CPU from one vCPU to another. */
  readonly vcpuSwitch: Quantity;

  readonly grantEntry: Quantity;
  readonly grantMapElement: Quantity;
  readonly grantUnmapElement: Quantity;
  readonly grantUnmapComplete: Quantity;
  readonly grantCopyElement: Quantity;
  /** Part of a grant operation spent under the granter's table lock. */
  readonly grantLockHold: Quantity;
  /** gntdev: one system call, and what each page adds (mmu notifier, second page-table entry). */
  readonly gntdevIoctl: Quantity;
  readonly gntdevPage: Quantity;

  /** XENMEM operations (balloon, foreign map): what each page adds to the hypercall. */
  readonly memoryOpPage: Quantity;
  /** PV-IOMMU and gfn lookups: what each element adds to the hypercall. */
  readonly pviommuElement: Quantity;
  /** Argo: fixed part of one sendv beyond the hypercall, copy not included. */
  readonly argoSend: Quantity;

  /** Work of the hypervisor on a MAP or UNMAP request of a virtual IOMMU, and on one page of it. */
  readonly viommuRequest: Quantity;
  readonly viommuPage: Quantity;
  /** VFIO: one MAP_DMA or UNMAP_DMA ioctl, and pinning one page. */
  readonly vfioIoctl: Quantity;
  readonly vfioPinPage: Quantity;
  /** Emulator's part of one trapped GTT write: decode, shadow, complete. */
  readonly gttEmulate: Quantity;
}

/** A hypervisor with the kind of domain that holds the backend. */
export interface HypervisorProfile {
  /** A shipped id, or that of a user's own profile. */
  readonly id: string;
  readonly family: HypervisorId;
  readonly name: string;
  readonly summary: string;
  readonly archs: readonly ('x86' | 'arm')[];
  readonly tlb: Readonly<Partial<Record<'x86' | 'arm', TlbMaintenance>>>;
  readonly notification: Notification;
  /** netback, blkback and their rings, or vhost and virtio. */
  readonly backend: 'netback' | 'vhost';
  /** Backends run in the kernel, in a process, or in either. */
  readonly backendKinds: readonly ('kernel' | 'user')[];
  /** Where the backend lives. */
  readonly domain: 'dom0' | 'driver-domain' | 'host';
  /** Is the frontend a PV guest, which knows machine frame numbers? */
  readonly pvGuest: boolean;
  /** Is the backend's memory translated by a second level (HVM, PVH, Arm), or does it write PTEs? */
  readonly translated: boolean;
  /** Depends on the IOMMU: AMD-Vi never shares tables with the CPU. `Costs` has the resolved one. */
  readonly iommuSync: Readonly<Partial<Record<IommuKind, IommuSync>>>;
  readonly privilege: 'control' | 'target' | 'target-list' | 'none';
  readonly hostDma: Readonly<Partial<Record<'x86' | 'arm', 'passthrough' | 'lazy' | 'strict'>>>;
  /** Modes of `hostDma` that exist here, and why the others do not. */
  readonly hostDmaChoices: readonly ('passthrough' | 'lazy' | 'strict')[];
  readonly hostDmaReason: string;
  /** Does the device's path go through IOMMU tables when `hostDma` is passthrough? */
  readonly passthroughTranslates: boolean;
  /**
   * Does the IOMMU hold all host memory in that mode (relaxed dom0), or only the memory of the
   * backend's own domain and what is mapped into it?
   */
  readonly passthroughReach: 'host' | 'own-domain';
  /** Does a virtio network backend copy before it sends, by default? One of a block device does not. */
  readonly backendCopies: boolean;
  readonly mitigations: string;
  readonly costs: Readonly<Partial<Record<'x86' | 'arm', HypervisorCosts>>>;
  /** Costs that were measured on a machine, or depend on what its cores have (VHE): these win. */
  readonly onSoc?: Readonly<Partial<Record<SocId, Partial<HypervisorCosts>>>>;
}
