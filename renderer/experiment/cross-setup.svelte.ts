/** What a crossover is asked of: two strategies on one machine, with the plan's other fields. */
import {
  parseScenario,
  profileIdOf,
  setField,
  toErrorData,
  type CrossoverJob,
  type LabErrorData,
  type Scenario,
} from '../../core/contract/index.ts';
import type { Lab } from '../app/lab.svelte.ts';
import type { Experiment } from './experiment.svelte.ts';
import { canonicalJson } from '../../core/engine/fingerprint.ts';
import { keyOf, valuesOf } from './plan.ts';

/** Names of the choices, kept with the view; and what they are before anyone chooses. */
const FIRST = {
  a: 'grant-map',
  b: 'grant-copy',
  hypervisor: 'xen-arm-dom0',
  soc: 'cortex-a72',
  workload: 'net-tx',
  by: 'cpuPerByte',
  runRequests: '1200',
} as const;
/** A little less than the command line looks at, so that an answer comes while one waits for it. */
const EXTENT = { seeds: 2, samples: 6 } as const;
export type CrossField = keyof typeof FIRST;

const sameScenario = (x: Scenario, y: Scenario) =>
  x.strategy === y.strategy &&
  x.hypervisor === y.hypervisor &&
  x.soc === y.soc &&
  x.workload === y.workload &&
  keyOf(x) === keyOf(y);

export class CrossSetup {
  readonly #experiment: Experiment;
  readonly #lab: Lab;
  error = $state.raw<LabErrorData | null>(null);
  /** The study that was opened, until something else is asked. */
  opened = $state<string | null>(null);

  constructor(experiment: Experiment, lab: Lab) {
    this.#experiment = experiment;
    this.#lab = lab;
  }

  of(field: CrossField): string {
    return this.#experiment.view[`cross-${field}`] ?? FIRST[field];
  }

  set(field: CrossField, value: string): void {
    this.opened = null;
    this.#experiment.show({ [`cross-${field}`]: value });
  }

  readonly sides = $derived.by((): { a: Scenario; b: Scenario } | LabErrorData => {
    try {
      return { a: this.#scenario('a'), b: this.#scenario('b') };
    } catch (thrown) {
      return toErrorData(thrown);
    }
  });

  /** The answer to this, or what is being done for it. */
  readonly job = $derived.by((): CrossoverJob | null => {
    const { sides, opened } = this;
    const kept =
      opened === null
        ? undefined
        : this.#experiment.crossovers.findLast(({ study }) => study === opened);
    if (kept !== undefined) return kept;
    if ('code' in sides) return null;
    const metric = this.of('by');
    return (
      this.#experiment.crossovers.findLast(
        (each) =>
          sameScenario(each.a, sides.a) &&
          sameScenario(each.b, sides.b) &&
          (each.found === null || each.found.metric === metric),
      ) ?? null
    );
  });

  /** @param again even when there is an answer */
  async find(again = false): Promise<void> {
    const { sides, job } = this;
    if ('code' in sides) return;
    if (!again && (job?.state === 'running' || job?.state === 'done')) return;
    this.error = null;
    this.opened = null;
    const metric = this.of('by') === 'throughput' ? 'throughput' : 'cpuPerByte';
    try {
      await this.#lab.call('study.crossover', { ...sides, metric, ...EXTENT });
    } catch (thrown) {
      this.error = toErrorData(thrown);
    }
  }

  /** Shows one that the library keeps, and what was asked for it. @throws LabError */
  async open(study: string): Promise<void> {
    const experiment = this.#experiment;
    const job = await this.#lab.call('study.openCrossover', { id: study });
    experiment.heardCrossover(job);
    const { a, b, found } = job;
    const { payloadBytes, requests } = experiment.plan.values;
    const asked = valuesOf(a, experiment.fields);
    delete asked['payloadBytes'];
    delete asked['requests'];
    const values = {
      ...asked,
      ...(payloadBytes === undefined ? {} : { payloadBytes }),
      ...(requests === undefined ? {} : { requests }),
    };
    if (canonicalJson(values) !== canonicalJson(experiment.plan.values)) {
      experiment.change({ values }, 'a kept crossover opened');
    }
    experiment.show({
      'cross-a': a.strategy,
      'cross-b': b.strategy,
      'cross-soc': profileIdOf(a, 'soc'),
      'cross-hypervisor': profileIdOf(a, 'hypervisor'),
      'cross-workload': a.workload,
      'cross-runRequests': String(a.requests),
      'cross-by': found?.metric ?? 'cpuPerByte',
    });
    this.error = null;
    this.opened = study;
  }

  async cancel(): Promise<void> {
    const { job } = this;
    if (job !== null) await this.#lab.call('study.cancelCrossover', { id: job.id });
  }

  #scenario(side: 'a' | 'b'): Scenario {
    const { plan, own } = this.#experiment;
    const input: Record<string, unknown> = {};
    for (const [path, text] of Object.entries(plan.values)) {
      // Sizes are what is looked for, and runs are many.
      if (path !== 'payloadBytes' && path !== 'requests') setField(input, path, text);
    }
    setField(input, 'strategy', this.of(side));
    setField(input, 'requests', this.of('runRequests'));
    setField(input, 'workload', this.of('workload'));
    const profiles: Record<string, unknown> = {};
    for (const kind of ['soc', 'hypervisor'] as const) {
      const mine = own.find((each) => each.kind === kind && each.id === this.of(kind));
      setField(input, kind, mine?.base ?? this.of(kind));
      profiles[kind] = mine?.document ?? null;
    }
    return parseScenario({ ...input, profiles });
  }
}
