/** What differs between two scenarios, and whether the workload is the same all the same. */
import type { Alignment, FieldDifference, ScenarioDiff } from '../contract/diff.ts';
import { protocolOf, type Scenario } from '../contract/scenario.ts';
import type { Subject } from './subject.ts';

/**
 * Fields that say how a payload crosses and on what, not what is asked for: two traces that differ in
 * these alone have the same requests.
 */
const HOW: readonly (keyof Scenario)[] = [
  'strategy',
  'hypervisor',
  'soc',
  'profiles',
  'hostDma',
  'grants',
  'persistent',
  'light',
  'offload',
  'pviommu',
  'swiotlb',
  'fifo',
  'viommu',
  'virtioGrant',
  'argo',
  'preshared',
  'identity',
  'iova',
];

export function compareScenarios(a: Subject, b: Subject): ScenarioDiff {
  return {
    differs: a.scenario === null || b.scenario === null ? [] : fields(a.scenario, b.scenario),
    costModel: fields(a.provenance.profiles, b.provenance.profiles),
  };
}

export function align(a: Subject, b: Subject, { differs }: ScenarioDiff): Alignment {
  if (a.digest.requests.id.length === 0 || b.digest.requests.id.length === 0) {
    return { by: 'kind', reason: 'at least one of the traces has no requests' };
  }
  return alignScenarios(a.scenario, b.scenario, differs);
}

/** Are the requests of two scenarios the same? */
export function alignScenarios(
  a: Scenario | null,
  b: Scenario | null,
  differs: readonly FieldDifference[] = a === null || b === null ? [] : fields(a, b),
): Alignment {
  if (a === null || b === null) {
    return { by: 'kind', reason: 'one trace has no scenario that this version understands' };
  }
  const unused = unusedBy(a).filter((field) => unusedBy(b).includes(field));
  const beside: readonly string[] = [...HOW, ...unused];
  const workload = differs.filter(({ path }) => !beside.includes(path.split('.')[0] as string));
  if (workload.length === 0) return { by: 'request', reason: 'the workload is the same' };
  const paths = workload.map(({ path }) => path).join(', ');
  return { by: 'kind', reason: `the workloads differ in ${paths}` };
}

/** Fields about workloads of other kinds than a scenario has. */
function unusedBy(scenario: Scenario | null): readonly (keyof Scenario)[] {
  if (scenario === null) return [];
  const protocol = protocolOf(scenario);
  const others =
    protocol === 'net'
      ? (['blk', 'gpu', 'display'] as const)
      : protocol === 'blk'
        ? (['net', 'gpu', 'display'] as const)
        : [];
  return scenario.workload === 'recorded' ? others : [...others, 'recorded'];
}

/** Fields whose values differ, in the order of their paths. */
function fields(a: unknown, b: unknown, path = ''): FieldDifference[] {
  if (isRecord(a) && isRecord(b)) {
    const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
    return keys.flatMap((key) => fields(a[key], b[key], path === '' ? key : `${path}.${key}`));
  }
  if (JSON.stringify(a) === JSON.stringify(b)) return [];
  return [{ path, a: a ?? null, b: b ?? null }];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
