/**
 * F. The backend has all memory of its guests mapped.
 *
 * Setup: a direct map of all memory in the backend (Xen: a proposal; KVM: every vhost and every
 * user-space backend has it).
 *
 *  1. frontend: descriptor with a machine frame (PV) or a guest frame (HVM, KVM); no grant
 *  2. frontend: notification                                                  (workload)
 *  3. backend: is the frame the guest's? a lookup where it is a guest frame; nobody else checks
 *  4. backend: uses the page in place, or copies, as vhost does
 *  5. backend: response; the frontend has nothing to revoke
 *
 * Graphics: the same lookup, without even a reference.
 */
import { K } from '../contract/kinds.ts';
import { ACTOR, type Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import { NONE } from '../engine/recording.ts';
import { framesOf } from '../primitives/copies.ts';
import { gfnOf, type Guest, type World } from '../primitives/world.ts';
import type { Iommu } from '../primitives/iommu.ts';
import { everything } from './gtt-support.ts';
import { framesWithBytes, need, needless } from './support.ts';
import type { Carrier, GttMapper, Strategy, Transfer } from './types.ts';
import { VirtioBackend } from './virtio-support.ts';

function standing({ guests, oracle }: World): void {
  for (const { memory } of guests) {
    oracle.standing('backend', memory.first, memory.frames, {
      dedicated: false,
      note: 'all memory of the guest is mapped',
    });
  }
}

/** The backend finds out which frames a transfer names, and whether they are the guest's. */
function* lookUp(world: World, cpu: Cpu, transfer: Transfer): Steps {
  const { costs, recorder, hypervisor, guests, oracle } = world;
  const guest = guests[transfer.guest] as Guest;
  // A PV guest names machine frames: a look at their owner. Others' numbers are translated.
  const each = hypervisor.pvGuest ? costs.lockUncontended : costs.pviommuElement;
  for (const extent of transfer.fragments) {
    for (let i = 0; i < framesOf(extent); i++) {
      const mfn = extent.mfn + i;
      const gfn = gfnOf(guest, mfn);
      oracle.translated(mfn);
      recorder.leaf(K.gfnLookup, cpu.track, each, transfer.request, mfn, NONE, 1, NONE, gfn);
      if (!cpu.passes(ACTOR.backend, each)) yield each;
    }
  }
}

function carrier(world: World): Carrier {
  const { oracle } = world;
  const backend = new VirtioBackend(world);
  const kvm = world.hypervisor.backend === 'vhost';
  standing(world);

  return {
    locks: [],
    reservedBytes: { frontend: 0, backend: 0 },
    signalling: 'ring',
    respondAt: (transfer) => backend.respondAt(transfer),
    slotsOf: () => 1,

    // eslint-disable-next-line require-yield -- there is nothing to take time
    *share(_cpu, transfer) {
      need(world, transfer.fragments);
      for (const { mfn } of framesWithBytes(transfer.fragments)) oracle.authorise(mfn);
      return true;
    },

    *accept(cpu, batch) {
      for (const transfer of batch) {
        // vhost's memory table is a lookup of a few regions, part of taking a descriptor.
        if (!kvm) yield* lookUp(world, cpu, transfer);
        yield* backend.accept(cpu, transfer, transfer.fragments);
        if (backend.takesAtOnce && transfer.direction === 'out')
          needless(world, transfer.fragments);
      }
    },

    *deliver(cpu, batch) {
      for (const transfer of batch) {
        if (!kvm && transfer.protocol === 'net') yield* lookUp(world, cpu, transfer);
        yield* backend.deliver(cpu, transfer, transfer.fragments);
        needless(world, transfer.fragments);
      }
      return batch.length;
    },

    *transmitted(cpu, transfer) {
      const done = transfer.direction === 'in' || backend.takesAtOnce;
      if (!done) needless(world, transfer.fragments);
      yield* backend.transmitted(cpu, transfer);
    },

    *release() {
      // Nothing was mapped for the transfer.
    },

    // eslint-disable-next-line require-yield -- there is nothing to take time
    *reclaim(_cpu, transfer) {
      for (const { mfn } of framesWithBytes(transfer.fragments)) oracle.reclaim(mfn, []);
    },

    check() {
      // There is no state between operations.
    },
  };
}

function gtt(world: World, iommu: Iommu): GttMapper {
  const { costs, recorder, guests, oracle } = world;
  standing(world);
  return {
    locks: [],
    context: everything(world, iommu),
    *map(cpu, guest, mfns, request) {
      const domain = guests[guest] as Guest;
      for (const mfn of mfns) {
        const dur = costs.pviommuElement;
        oracle.translated(mfn);
        recorder.leaf(K.gfnLookup, cpu.track, dur, request, mfn, NONE, 1, NONE, gfnOf(domain, mfn));
        if (!cpu.passes(ACTOR.backend, dur)) yield dur;
      }
      return [...mfns];
    },
    *unmap() {
      // Nothing was mapped.
    },
    check() {
      // There is no state between operations.
    },
  };
}

export const mapAllMemory: Strategy = {
  id: 'map-all-memory',
  name: 'All memory mapped',
  explanation:
    'The backend has all memory of its guests mapped at all times, and its device reaches it too. Nothing is granted, mapped, flushed or copied for a request but what the backend itself copies. It protects nobody from the backend: whoever runs it owns the guest. This is what every KVM user with vhost has today; for Xen’s dom0 it was proposed and never merged.',
  source:
    'xen-devel 2013, PV network improvements (dom0 maps all machine memory); Linux drivers/vhost; QEMU vhost-user memory table',
  standing: 'proposal',
  topologies: ['mediated', 'assigned'],
  ring: 'virtio',
  sequences: {
    netOut: true,
    netIn: 'posted',
    blk: true,
    gpu: true,
    display: 'keep',
  },
  judge({ hypervisor, scenario }) {
    const { topology, workload } = scenario;
    if (topology === 'assigned' && workload !== 'gpu-gtt') {
      return {
        status: 'refused',
        reason: 'A guest that drives its device needs no backend that maps its memory.',
      };
    }
    if (hypervisor.backend === 'vhost') return { status: 'native', reason: '' };
    return {
      status: 'hypothetical',
      reason:
        hypervisor.domain === 'dom0'
          ? 'Proposed for Xen’s dom0 and never merged; charged at its notification costs.'
          : 'A driver domain with all memory mapped is a second dom0: the objection that ended the proposal; charged at its notification costs.',
    };
  },
  carrier,
  gtt,
};
