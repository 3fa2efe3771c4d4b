/**
 * E. Asynchronous grant copy by a copy engine of the hypervisor (QuickData).
 *
 *  1. to 3. as grant-copy
 *  4. backend: GNTTABOP_copy_async: each element checked, both frames pinned, a descriptor written;
 *     ENGINE.submit. Copies below the threshold, and all when the ring is full, are done by the CPU
 *  5. engine: reads and writes memory as a device does; what it writes stays in the cache where device
 *     writes may (DDIO)
 *  6. completion by interrupt or poll: pins dropped, backend notified
 *  7. backend: response; the local page goes to the device
 *
 * The backend sends only what is complete: a packet that is posted before would carry old contents.
 */
import { CopyEngineChannel } from '../devices/copy-engine.ts';
import { copyAsync } from '../primitives/grants/copy-async.ts';
import { copyCarrier, grantCopy } from './grant-copy.ts';
import { indirectKiB } from './indirect.ts';
import type { Strategy } from './types.ts';

export const grantCopyOffload: Strategy = {
  id: 'grant-copy-offload',
  name: 'Grant copy, offloaded',
  explanation:
    'As a grant copy, but the hypervisor hands the copying to a DMA engine and goes on. CPUs are spared the bytes, not the work for each element, and every batch waits for a completion of several microseconds; payload lands in the cache that the NIC reads from. Both pages stay pinned meanwhile.',
  source: 'xen-devel 2013, PV network improvements (QuickData); Linux drivers/dma/ioat',
  standing: 'proposal',
  topologies: ['mediated'],
  ring: 'xen',
  sequences: grantCopy.sequences,
  reservedKiB: indirectKiB,
  judge(setting) {
    const { soc, hypervisor } = setting;
    if (soc.engine === null) {
      return { status: 'refused', reason: `${soc.id} has no copy engine worth using.` };
    }
    return {
      status: 'hypothetical',
      reason:
        hypervisor.notification === 'event-channel'
          ? `Proposed in 2013 and never merged; charged for the ${soc.engine.name} of ${soc.id}.`
          : `KVM has no grant tables; its costs, and those of the ${soc.engine.name} of ${soc.id}.`,
    };
  },
  carrier: (world, iommu) =>
    copyCarrier(world, iommu, (_world, grants) => {
      const channel = new CopyEngineChannel(world);
      return (cpu, elements) => copyAsync(world, grants, channel, cpu, elements);
    }),
};
