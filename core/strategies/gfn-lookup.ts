/**
 * H. The emulator asks for the machine frame behind a guest frame, and holds nothing.
 *
 *  1. guest writes a GTT entry; VMEXIT                                        (workload)
 *  2. Xen: ioreq, event, emulator scheduled                                   (workload)
 *  3. emulator: gfn_to_mfn; no reference is taken
 *  4. shadow entry = machine frame; GPU invalidate                            (workload)
 *  5. IORESP_READY; event; guest resumes                                      (workload)
 *  6. DMA at any later time, whoever has the frame by then
 */
import { K } from '../contract/kinds.ts';
import { ACTOR, type Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import { NONE } from '../engine/recording.ts';
import { hypercall } from '../primitives/hypercall.ts';
import type { Iommu } from '../primitives/iommu.ts';
import { gfnOf, type Guest, type World } from '../primitives/world.ts';
import { everything, GPU_ONLY } from './gtt-support.ts';
import type { GttMapper, Strategy } from './types.ts';

function gtt(world: World, iommu: Iommu): GttMapper {
  const { costs, recorder, guests, oracle } = world;

  function* look(cpu: Cpu, guest: number, mfns: readonly number[], request: number): Steps<number> {
    for (const mfn of mfns) {
      const dur = costs.pviommuElement;
      const gfn = gfnOf(guests[guest] as Guest, mfn);
      oracle.translated(mfn);
      const track = cpu.hypervisorTrack;
      recorder.leaf(K.gfnLookup, track, dur, request, mfn, NONE, 1, NONE, gfn);
      if (!cpu.passes(ACTOR.hypervisor, dur)) yield dur;
    }
    return NONE;
  }

  return {
    locks: [],
    context: everything(world, iommu),
    *map(cpu, guest, mfns, request) {
      const work = look(cpu, guest, mfns, request);
      yield* hypercall(world, cpu, K.iommuOp, mfns.length, request, work);
      for (const mfn of mfns) oracle.lease(mfn, 1);
      return [...mfns];
    },
    // eslint-disable-next-line require-yield -- there is nothing to take time
    *unmap(_cpu, _guest, dfns) {
      // Nothing is held; the shadow entry was all that there was.
      for (const mfn of dfns) oracle.lease(mfn, -1);
    },
    check() {
      // There is no state between operations.
    },
  };
}

export const gfnLookup: Strategy = {
  id: 'gfn-lookup',
  name: 'Frame lookup',
  explanation:
    'The emulator translates a guest frame when the guest writes it into its graphics table, and trusts that the answer stays true. Nothing is mapped and nothing flushed; nothing keeps the frame from being given to another domain while the device still writes to it.',
  source: 'xen-devel 2014, gfn to mfn translation for XenGT; not merged',
  standing: 'proposal',
  topologies: ['assigned'],
  ring: 'xen',
  sequences: {
    netOut: GPU_ONLY,
    netIn: { refused: GPU_ONLY },
    blk: GPU_ONLY,
    gpu: true,
    display: { refused: GPU_ONLY },
  },
  judge({ hypervisor }) {
    return {
      status: 'hypothetical',
      reason:
        hypervisor.notification === 'event-channel'
          ? 'Proposed in 2014 and never merged; charged at this hypervisor’s costs.'
          : 'A hypercall of Xen’s that was never merged; charged at KVM’s costs.',
    };
  },
  gtt,
};
