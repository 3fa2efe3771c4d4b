/**
 * Profiles resolved for one run: every cost an integer number of picoseconds, rates as picoseconds
 * for each byte. Nothing but conversion happens here.
 */
import { exists } from '../base/assert.ts';
import type { HypervisorProfile, TlbMaintenance } from './hypervisor/profile.ts';
import type { Quantity } from './quantity.ts';
import type { SocProfile } from './soc/profile.ts';

/** Picoseconds, unless the name says otherwise. */
export type Costs = ReturnType<typeof resolveCosts>;

/** @param linkMbps link rate of the NIC, or 0 for the profile's */
export function resolveCosts(soc: SocProfile, hypervisor: HypervisorProfile, linkMbps: number) {
  const ghz = soc.clock.value;
  const hv = exists(hypervisor.costs[soc.arch], 'a hypervisor has costs for each of its archs');
  const tlb: TlbMaintenance = exists(hypervisor.tlb[soc.arch], 'and a way to flush TLBs');

  const ps = (each: Quantity): number => {
    if (each.unit === 'cycles') return Math.round((each.value * 1000) / ghz);
    return Math.round(each.value * 1000);
  };
  /** GB/s to picoseconds for each byte. */
  const psPerByte = (each: Quantity): number => 1000 / each.value;
  const linkRate = linkMbps === 0 ? soc.linkRate.value : linkMbps;

  return {
    tlb,
    hypercall: ps(hv.hypercall),
    trap: ps(hv.trap),
    notifyBackend: ps(hv.notifyBackend),
    notifyFrontend: ps(hv.notifyFrontend),
    upcall: ps(hv.upcall),
    sendWork: ps(hv.sendWork),
    grantEntry: ps(hv.grantEntry),
    grantMapElement: ps(hv.grantMapElement),
    grantUnmapElement: ps(hv.grantUnmapElement),
    grantUnmapComplete: ps(hv.grantUnmapComplete),
    grantCopyElement: ps(hv.grantCopyElement),
    viommuRequest: ps(hv.viommuRequest),
    viommuPage: ps(hv.viommuPage),

    copyFixed: ps(soc.copyFixed),
    copyColdPerByte: psPerByte(soc.copyColdRate),
    copyWarmPerByte: psPerByte(soc.copyWarmRate),
    cacheMaintenancePerLine: ps(soc.cacheMaintenancePerLine),
    cacheLineBytes: soc.cacheLineBytes.value,
    llcBytes: soc.llcBytes.value,

    idleExit: ps(soc.idleExit),
    contextSwitch: ps(soc.contextSwitch),
    hardirq: ps(soc.hardirq),
    syscall: ps(soc.syscall),
    ipiRound: ps(soc.ipiRound),
    ipiPerCpu: ps(soc.ipiPerCpu),
    tlbiBroadcast: soc.tlbiBroadcast === null ? 0 : ps(soc.tlbiBroadcast),
    pteWrite: ps(soc.pteWrite),
    lockUncontended: ps(soc.lockUncontended),

    iovaFast: ps(soc.iovaFast),
    iovaSlow: ps(soc.iovaSlow),
    iommuMapFixed: ps(soc.iommuMapFixed),
    iommuPteWrite: ps(soc.iommuPteWrite),
    iotlbInvSubmit: ps(soc.iotlbInvSubmit),
    iotlbInvService: ps(soc.iotlbInvService),
    iotlbSets: soc.iotlbSets.value,
    iotlbWays: soc.iotlbWays.value,
    walkCacheEntries: soc.walkCacheEntries.value,
    walkLevels: soc.walkLevels.value,
    walkPerLevel: ps(soc.walkPerLevel),
    identityOrder: soc.identityOrder.value,

    /** Mb/s is 8 microseconds a byte divided by the rate. */
    wirePerByte: 8_000_000 / linkRate,
    linkMbps: linkRate,
    dmaPerByte: psPerByte(soc.dmaRate),
    dmaPerPage: ps(soc.dmaPerPage),
    doorbell: ps(soc.doorbell),
    descriptorPost: ps(soc.descriptorPost),

    stackFrontendPerPacket: ps(soc.stackFrontendPerPacket),
    stackFrontendPerSegment: ps(soc.stackFrontendPerSegment),
    stackFrontendPerByte: soc.stackFrontendPerByte.value * 1000,
    stackFrontendDriver: ps(soc.stackFrontendDriver),
    stackBackendPerPacket: ps(soc.stackBackendPerPacket),
    stackBackendPerSegment: ps(soc.stackBackendPerSegment),
    stackCompletion: ps(soc.stackCompletion),
    pageAllocate: ps(soc.pageAllocate),
    ringEntry: ps(soc.ringEntry),
  };
}
