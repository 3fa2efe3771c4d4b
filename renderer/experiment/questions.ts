/** Questions that people have, and the plan that each of them fills in. Nothing here knows an answer. */
import type { Plan } from './plan.ts';

export interface Question {
  readonly id: string;
  readonly title: string;
  /** What is compared, in a sentence. */
  readonly doc: string;
  /** Answered by a search over sizes instead of by the matrix alone. */
  readonly crossover: boolean;
  readonly plan: Omit<Plan, 'question'>;
  readonly metric: string;
  readonly baseline: string;
  /** Rows of the answer: the one that is asked about first, then what it is held against. */
  readonly rows: readonly string[];
}

const REQUESTS = '3000';

export const QUESTIONS: readonly Question[] = [
  {
    id: 'map-or-copy',
    title: 'Map or copy on my board?',
    doc: 'From which payload size on mapping takes less CPU time than copying, if from any, and what each exposes.',
    crossover: true,
    plan: {
      chosen: ['grant-map', 'grant-copy', 'xen-arm-dom0', 'cortex-a72', 'net-tx'],
      values: { requests: '2000' },
      vary: null,
    },
    metric: 'cpu-per-byte',
    baseline: 'grant-copy',
    rows: ['grant-map', 'grant-copy'],
  },
  {
    id: 'strict-cost',
    title: 'What does strict cost?',
    doc: 'Unmapping with an IOTLB invalidation each time against doing it in batches, and against an IOMMU that lets all memory through, for the host’s own driver.',
    crossover: false,
    plan: {
      chosen: [
        'iommu-strict',
        'iommu-lazy',
        'iommu-passthrough',
        'kvm-vhost',
        'xeon-2020',
        'neoverse-n1',
        'net-tx',
        'net-rx',
      ],
      values: { topology: 'native', requests: REQUESTS },
      vary: null,
    },
    metric: 'cpu-per-byte',
    baseline: 'iommu-lazy',
    rows: ['iommu-strict', 'iommu-lazy', 'iommu-passthrough'],
  },
  {
    id: 'deferred-risk',
    title: 'Is deferred worth the risk?',
    doc: 'A guest with a device of its own: deferred against strict invalidation behind a nested virtual IOMMU, what it saves and how long pages stay in reach.',
    crossover: false,
    plan: {
      chosen: [
        'viommu-deferred',
        'viommu-strict',
        'iommu-passthrough',
        'kvm-vhost',
        'xeon-2020',
        'neoverse-n1',
        'net-tx',
      ],
      values: {
        topology: 'assigned',
        requests: REQUESTS,
        'viommu.enforcement': 'vfio',
        'viommu.flavour': 'nested',
      },
      vary: null,
    },
    metric: 'cpu-per-byte',
    baseline: 'viommu-strict',
    rows: ['viommu-deferred', 'viommu-strict', 'iommu-passthrough'],
  },
  {
    id: 'network-storage',
    title: 'Network storage and unmap',
    doc: 'Writes to storage behind a network that loses acknowledgements: when may the backend unmap a page that may be sent again?',
    crossover: false,
    plan: {
      chosen: [
        'grant-map',
        'grant-copy',
        'grant-persistent',
        'xen-pv-dom0',
        'xen-pv-driver-domain',
        'xeon-2020',
        'blk-write',
      ],
      values: {
        requests: REQUESTS,
        payloadBytes: '16384',
        'blk.device': 'network',
        'blk.lossPpm': '1000',
      },
      vary: { path: 'grants.unmapPolicy', values: ['async', 'sync', 'replace'] },
    },
    metric: 'cpu-per-byte',
    baseline: 'shipped',
    rows: ['grant-map', 'grant-copy', 'grant-persistent'],
  },
  {
    id: 'gpu-tables',
    title: 'GPU page tables',
    doc: 'A mediated graphics device: how the emulator finds and holds the guest’s pages when the guest changes its table.',
    crossover: false,
    plan: {
      chosen: [
        'map-all-memory',
        'gfn-lookup',
        'gfn-map-refcount',
        'bfn-reserved',
        'xen-pv-dom0',
        'kvm-vhost',
        'xeon-2020',
        'gpu-gtt',
      ],
      values: { topology: 'assigned', requests: REQUESTS },
      vary: null,
    },
    metric: 'cpu-per-request',
    baseline: 'gfn-map-refcount',
    rows: ['gfn-map-refcount', 'bfn-reserved', 'gfn-lookup', 'map-all-memory'],
  },
  {
    id: 'persistent-grants',
    title: 'Persistent grants or not',
    doc: 'Disk requests: pages that stay mapped and are copied into, against mapping each request and against a copy by the hypervisor.',
    crossover: false,
    plan: {
      chosen: [
        'grant-persistent',
        'grant-map',
        'grant-copy',
        'xen-pv-driver-domain',
        'xen-pv-dom0',
        'xeon-2020',
        'blk-read',
        'blk-write',
      ],
      values: { requests: REQUESTS, payloadBytes: '16384' },
      vary: null,
    },
    metric: 'cpu-per-byte',
    baseline: 'grant-map',
    rows: ['grant-persistent', 'grant-map', 'grant-copy'],
  },
];

export const questionOf = (id: string | null): Question | undefined =>
  QUESTIONS.find((each) => each.id === id);

/** Is a plan still that of its question? Its figures may be others, but not what is compared. */
export function stillAsks({ plan: asked }: Question, plan: Plan): boolean {
  const chosen = new Set(plan.chosen);
  return (
    chosen.size === asked.chosen.length &&
    asked.chosen.every((id) => chosen.has(id)) &&
    plan.values['topology'] === asked.values['topology'] &&
    JSON.stringify(plan.vary) === JSON.stringify(asked.vary)
  );
}
