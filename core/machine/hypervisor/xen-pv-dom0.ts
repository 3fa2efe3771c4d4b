import { quantity as q } from '../quantity.ts';
import type { HypervisorProfile } from './profile.ts';

const ISCA = 'Dall et al., ISCA 2016, table II: Xen on Xeon E5-2450';
const CHOSEN = 'no published figure found; order of magnitude of the code path';

/** Xen on x86 with a PV dom0 in its default, relaxed mode: all host RAM is in the IOMMU from boot. */
export const xenPvDom0: HypervisorProfile = {
  id: 'xen-pv-dom0',
  name: 'Xen, PV dom0 (relaxed)',
  summary: 'netback in a PV dom0; the IOMMU holds all host RAM, device frame = machine frame',
  archs: ['x86'],
  tlb: { x86: 'ipi-per-chunk' },
  notification: 'event-channel',
  backend: 'netback',
  privilege: 'control',
  hostDma: { x86: 'passthrough' },
  hostDmaChoices: ['passthrough'],
  hostDmaReason:
    'the IOMMU belongs to Xen, which maps all RAM for a relaxed dom0 at boot; xen-pv-dom0-strict is the other mode',
  passthroughTranslates: true,
  backendCopies: false,
  mitigations: 'none: no XPTI, no retpoline-class mitigation in the figures used',
  costs: {
    x86: {
      hypercall: q(
        1228,
        'cycles',
        [700, 3300],
        'R',
        `${ISCA}; 3300 for a PV null hypercall on AMD in 2007 (xen commit f64b7618e1)`,
      ),
      trap: q(1734, 'cycles', [1000, 4000], 'R', ISCA),
      notifyBackend: q(
        10_034,
        'cycles',
        [3000, 12_000],
        'D',
        `I/O latency out 11262 less the hypercall: ${ISCA}`,
      ),
      notifyFrontend: q(
        8822,
        'cycles',
        [3000, 12_000],
        'D',
        `I/O latency in 10050 less the hypercall: ${ISCA}`,
      ),
      upcall: q(700, 'cycles', [300, 2000], 'assumption', CHOSEN),
      sendWork: q(400, 'cycles', [200, 1000], 'assumption', CHOSEN),
      grantEntry: q(
        60,
        'cycles',
        [30, 200],
        'assumption',
        'one 8-byte entry in cached memory, with its barrier',
      ),
      grantMapElement: q(
        900,
        'cycles',
        [500, 2500],
        'assumption',
        `${CHOSEN}: entry lock, pin, page and type reference, maptrack, PTE`,
      ),
      grantUnmapElement: q(600, 'cycles', [300, 1500], 'assumption', `${CHOSEN}: handle, PTE`),
      grantUnmapComplete: q(
        300,
        'cycles',
        [150, 800],
        'assumption',
        `${CHOSEN}: references, pin, GTF flags`,
      ),
      grantCopyElement: q(
        530,
        'ns',
        [490, 1940],
        'D',
        'per packet cost that pre-mapped grants save at 64 B on E5-2699v3: J. Martins, netback staging grants; 1060 to 1940 on E5-2630v4',
      ),
      viommuRequest: q(1000, 'cycles', [500, 3000], 'assumption', CHOSEN),
      viommuPage: q(
        600,
        'cycles',
        [300, 1500],
        'assumption',
        `${CHOSEN}: page reference and one table entry of the backend`,
      ),
    },
  },
};
