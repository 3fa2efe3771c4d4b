/**
 * G. Grants mapped for the device alone (`GNTMAP_device_map` without a host mapping).
 *
 *  1. frontend: GNT.grant, RING.push, EVTCHNOP_send as grant-map does
 *  2. backend: GNTTABOP_copy of the header (network transmit)
 *  3. backend: GNTTABOP_map_grant_ref, device_map: pins and references, no page-table entry; the answer
 *     is the machine address, which the device is given
 *  4. device: DMA
 *  5. backend: GNTTABOP_unmap_grant_ref. Stock Xen flushes TLBs for each 32 all the same;
 *     `grants.elideFlushIfNoHostMap` leaves that out
 *  6. response; frontend: GNT.end
 *
 * Receive: the frontend's buffers are mapped writable and posted to a queue of the NIC that serves it
 * alone; from one guest to another the NIC switches. A backend that must look at block data (checksum, encryption) falls back to a host mapping.
 */
import { protocolOf } from '../contract/scenario.ts';
import type { Iommu } from '../primitives/iommu.ts';
import type { World } from '../primitives/world.ts';
import { indirectKiB } from './indirect.ts';
import { mapCarrier } from './grant-map.ts';
import type { Carrier, Strategy } from './types.ts';

function carrier(world: World, iommu: Iommu): Carrier {
  const looks = world.scenario.blk.touch !== 'none' && protocolOf(world.scenario) === 'blk';
  return mapCarrier(world, iommu, looks ? 'host' : 'device');
}

export const grantDeviceMap: Strategy = {
  id: 'grant-device-map',
  name: 'Grant map, device only',
  explanation:
    'The backend maps granted pages for its device and not for its CPUs: it never sees the payload but for a copied header, and pays for no page-table entry. Stock Xen flushes TLBs on unmap nevertheless. What turns out to need a CPU, a packet for another guest or a checksum, must be mapped or copied after all.',
  source:
    'xen-devel 2013, PV network improvements (direct to the device); Xen GNTMAP_device_map, common/grant_table.c',
  standing: 'proposal',
  topologies: ['mediated'],
  ring: 'xen',
  sequences: {
    netOut: true,
    netIn: 'direct',
    blk: true,
    gpu: 'A grant is given by a guest that cooperates; an emulator must reach pages of one that does not know of it.',
    display: 'keep',
  },
  reservedKiB: indirectKiB,
  judge({ hypervisor, scenario }) {
    if (hypervisor.notification === 'event-channel' && hypervisor.translated) {
      return {
        status: 'refused',
        reason:
          'Xen refuses GNTMAP_device_map to a translated (HVM, PVH or Arm) caller with GNTST_general_error.',
      };
    }
    if (scenario.net.destination === 'local' && protocolOf(scenario) === 'net') {
      return {
        status: 'refused',
        reason: 'Packets for a local socket need a CPU mapping, which this strategy does without.',
      };
    }
    return {
      status: 'hypothetical',
      reason:
        hypervisor.notification === 'event-channel'
          ? 'The hypercall exists and no backend uses it; charged at this hypervisor’s costs.'
          : 'KVM has no grant tables; the primitives are charged at its hypercall and page-table costs.',
    };
  },
  carrier,
};
