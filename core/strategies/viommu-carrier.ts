/** Payload behind a virtual IOMMU, strict or deferred, enforced or advisory (M). */
import { assert } from '../base/assert.ts';
import { framesOf } from '../primitives/copies.ts';
import type { Iommu } from '../primitives/iommu.ts';
import { VhostIotlb } from '../primitives/vhost-iotlb.ts';
import { VirtioIommu, type ViommuMapping } from '../primitives/virtio-iommu.ts';
import { backendFor, type Backend, type World } from '../primitives/world.ts';
import type { Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import { judgeFlavour } from './dma-support.ts';
import { need, needless } from './support.ts';
import type { Carrier, PairJudgement, Sequences, Setting, Transfer } from './types.ts';
import { VirtioBackend } from './virtio-support.ts';

export const VIOMMU_SEQUENCES: Sequences = {
  netOut: true,
  netIn: 'posted',
  blk: true,
  gpu: 'A mediated graphics device has no virtual IOMMU of the guest’s; see gfn-map-refcount.',
  display: 'keep',
};

export function viommuCarrier(world: World, iommu: Iommu, deferred: boolean): Carrier {
  const backend = new VirtioBackend(world);
  const { enforcement } = world.scenario.viommu;
  assert(enforcement !== 'vfio', 'vfio is for assigned devices');
  const advisory = enforcement === 'advisory';
  const how = { enforcement, deferred };
  /** One virtual IOMMU for each guest and backend. */
  const viommus = new Map<string, { viommu: VirtioIommu; iotlb: VhostIotlb }>();
  const mapped = new Map<Transfer, readonly ViommuMapping[]>();
  if (advisory) {
    for (const { memory } of world.guests) {
      const note = 'the backend has all memory of the guest mapped; the IOTLB is advice';
      world.oracle.standing('backend', memory.first, memory.frames, { dedicated: false, note });
    }
  }

  const of = (transfer: Transfer): readonly ViommuMapping[] => {
    const found = mapped.get(transfer);
    assert(found !== undefined, 'a transfer was not shared');
    return found;
  };
  const viommuOf = (transfer: Transfer) => {
    const to: Backend = backendFor(world, transfer);
    const key = `${transfer.guest}.${to.index}`;
    const known = viommus.get(key);
    if (known !== undefined) return known;
    const guest = world.guests[transfer.guest];
    assert(guest !== undefined, 'a transfer names its guest');
    const made = {
      viommu: new VirtioIommu(world, iommu, guest, to, how),
      iotlb: new VhostIotlb(world),
    };
    made.viommu.onUnmap = (page, pages) => made.iotlb.invalidate(page, pages);
    viommus.set(key, made);
    return made;
  };

  /** The backend finds what the guest has mapped. */
  function* translate(cpu: Cpu, transfer: Transfer): Steps {
    const { viommu, iotlb } = viommuOf(transfer);
    for (const { page, extent } of of(transfer)) {
      for (let i = 0; i < framesOf(extent); i++) {
        assert(viommu.translate(page + i) === extent.mfn + i, 'the backend finds what was mapped');
        if (advisory) yield* iotlb.translate(cpu, page + i, transfer.request);
      }
    }
  }

  return {
    get locks() {
      return [...viommus.values()].flatMap(({ viommu }) => viommu.locks);
    },
    reservedBytes: { frontend: 0, backend: 0 },
    signalling: 'ring',
    respondAt: (transfer) => backend.respondAt(transfer),
    slotsOf: () => 1,

    *share(cpu, transfer) {
      need(world, transfer.fragments);
      const { viommu } = viommuOf(transfer);
      const writable = transfer.direction === 'in';
      const own: ViommuMapping[] = [];
      for (const fragment of transfer.fragments) {
        own.push(yield* viommu.map(cpu, fragment, writable, transfer.request));
      }
      mapped.set(transfer, own);
      return true;
    },

    *accept(cpu, batch) {
      for (const transfer of batch) {
        yield* translate(cpu, transfer);
        yield* backend.accept(cpu, transfer, transfer.fragments);
        if (backend.takesAtOnce && transfer.direction === 'out')
          needless(world, transfer.fragments);
      }
    },

    *deliver(cpu, batch) {
      for (const transfer of batch) {
        if (transfer.protocol === 'net') yield* translate(cpu, transfer);
        yield* backend.deliver(cpu, transfer, transfer.fragments);
        needless(world, transfer.fragments);
      }
      return batch.length;
    },

    transmitted(cpu, transfer) {
      const done = transfer.direction === 'in' || backend.takesAtOnce;
      if (!done) needless(world, transfer.fragments);
      return backend.transmitted(cpu, transfer);
    },

    *release() {
      // The frontend's UNMAP releases.
    },

    *reclaim(cpu, transfer) {
      const { viommu } = viommuOf(transfer);
      for (const each of of(transfer)) yield* viommu.unmap(cpu, each, transfer.request);
      mapped.delete(transfer);
    },

    check() {
      // Every request is checked by the tables it changes.
    },
  };
}

/** Where each kind of enforcement exists. */
export function judgeViommu({ scenario, hypervisor, soc }: Setting): PairJudgement {
  const { enforcement, flavour, doorbell } = scenario.viommu;
  const refused = (reason: string): PairJudgement => ({ status: 'refused', reason });
  if ((enforcement === 'vfio') !== (scenario.topology === 'assigned')) {
    return refused(
      enforcement === 'vfio'
        ? 'viommu.enforcement vfio is for assigned devices; in the mediated topology it is stage2 or advisory.'
        : `viommu.enforcement ${enforcement} is for mediated devices; an assigned one has vfio.`,
    );
  }
  if (enforcement === 'vfio') return judgeFlavour(flavour, doorbell, soc, hypervisor);
  if (flavour !== 'virtio-iommu') {
    return refused(`Between guest and backend the virtual IOMMU is virtio-iommu, not ${flavour}.`);
  }
  if (enforcement === 'advisory') {
    return hypervisor.backend === 'vhost'
      ? { status: 'native', reason: '' }
      : { status: 'hypothetical', reason: 'The vhost IOTLB is Linux’s; charged at Xen’s costs.' };
  }
  return {
    status: 'hypothetical',
    reason:
      'No hypervisor enforces a virtio-iommu in the backend’s own tables yet; the primitives are charged at this one’s costs.',
  };
}
