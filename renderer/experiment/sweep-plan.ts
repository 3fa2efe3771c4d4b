/** The matrix's plan as the document of a sweep, with one more axis and seeds. */
import {
  setField,
  type CatalogueRow,
  type OwnProfile,
  type ScenarioField,
} from '../../core/contract/index.ts';
import type { Plan, Vary } from './plan.ts';

export interface SweepExtras {
  readonly name: string;
  /** A field that is varied besides the matrix; null for none. */
  readonly over: Vary | null;
  readonly seeds: number;
  readonly record: boolean;
}

type Catalogue = Readonly<
  Record<'strategies' | 'hypervisors' | 'socs' | 'workloads', readonly CatalogueRow[]>
>;

const AXIS_OF = {
  strategies: 'strategy',
  hypervisors: 'hypervisor',
  socs: 'soc',
  workloads: 'workload',
};
const MACHINE = { socs: 'soc', hypervisors: 'hypervisor' } as const;

/** Text of a field as the value that it stands for. */
function typed(field: ScenarioField | undefined, text: string): string | number | boolean {
  if (field?.type === 'number') return Number(text);
  return field?.type === 'boolean' ? text === 'true' : text;
}

/** The document that `mapcopy sweep` takes: every combination of the plan is a run. */
export function sweepDocument(
  plan: Plan,
  { name, over, seeds, record }: SweepExtras,
  catalogue: Catalogue,
  own: readonly OwnProfile[],
  fields: readonly ScenarioField[],
): Record<string, unknown> {
  const varied = [plan.vary, over].filter((each) => each !== null && each.values.length > 0);
  const axes: Record<string, unknown> = {};
  const variants: Record<string, unknown> = {};
  for (const [list, axis] of Object.entries(AXIS_OF)) {
    const shipped = catalogue[list as keyof Catalogue]
      .map(({ id }) => id)
      .filter((id) => plan.chosen.includes(id));
    const kind = list in MACHINE ? MACHINE[list as keyof typeof MACHINE] : null;
    const mine = own.filter((each) => each.kind === kind && plan.chosen.includes(each.id));
    if (kind === null || mine.length === 0) axes[axis] = shipped;
    else {
      // A profile of one's own is no value of a field: the axis is one of named parts of a scenario.
      variants[`${axis}-profile`] = Object.fromEntries([
        ...shipped.map((id) => [id, { [axis]: id }]),
        ...mine.map(({ id, base, document }) => [
          id,
          { [axis]: base, profiles: { [axis]: document } },
        ]),
      ]);
    }
  }
  for (const each of varied) {
    const { path, values } = each as Vary;
    const field = fields.find((one) => one.path === path);
    axes[path] = values.map((value) => typed(field, value));
  }
  const base: Record<string, unknown> = {};
  for (const [path, text] of Object.entries(plan.values)) {
    if (!(path in axes) && !(path === 'seed' && seeds > 1)) setField(base, path, text);
  }
  const first = Number(plan.values['seed'] ?? '1');
  return {
    name,
    base,
    axes,
    ...(Object.keys(variants).length > 0 ? { variants } : {}),
    ...(seeds > 1 ? { seeds: { from: first, count: seeds } } : {}),
    record: record ? 'all' : 'none',
  };
}
