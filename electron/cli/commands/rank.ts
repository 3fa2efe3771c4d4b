import {
  HYPERVISOR_IDS,
  parseScenario,
  setField,
  SOC_IDS,
  STRATEGY_IDS,
  type RunResult,
  type Scenario,
} from '../../../core/contract/index.ts';
import { METRICS, rank, reversals, type Metric, type Ranked } from '../../../core/ranking/rank.ts';
import type { Command } from '../command.ts';
import { withLab } from '../in-process-lab.ts';
import { JSON_OPTION, usage, type Arguments } from '../options.ts';
import { number, table } from '../text.ts';

/** Workloads that are ranked unless others are named. */
const DEFAULT_WORKLOADS = ['net-tx', 'blk-write'] as const;
const DEFAULT_REQUESTS = '2000';

/** The orders of one machine under one workload. */
interface Order {
  readonly workload: string;
  readonly hypervisor: string;
  readonly soc: string;
  readonly by: Readonly<Record<Metric, readonly Ranked[]>>;
  /** How each is labelled: native or hypothetical. */
  readonly pairs: Readonly<Record<string, string>>;
}

/** `mapcopy rank`. */
export const rankCommand: Command = {
  name: 'rank',
  summary: 'Order the strategies on every machine, and say where the order differs.',
  synopsis: '[options]',
  options: {
    workload: {
      value: 'W',
      repeatable: true,
      doc: `What the guest asks for; ${DEFAULT_WORKLOADS.join(' and ')} when left out.`,
    },
    hypervisor: { value: 'H', repeatable: true, doc: 'Only this hypervisor.' },
    soc: { value: 'C', repeatable: true, doc: 'Only this machine.' },
    strategy: { value: 'S', repeatable: true, doc: 'Only this strategy.' },
    topology: { value: 'T', doc: 'mediated (the default), assigned or native.' },
    bytes: { value: 'N', doc: 'Bytes of one request.' },
    requests: { value: 'N', doc: `Requests of each run; ${DEFAULT_REQUESTS} when left out.` },
    seed: { value: 'N', doc: 'Seed of the random streams.' },
    set: { value: 'PATH=VALUE', repeatable: true, doc: 'Set any field of the scenario.' },
    ...JSON_OPTION,
  },
  notes: [
    'Orders are by CPU time of all actors for each byte, and by throughput. Strategies within 2 %\nof the best of their group share its rank and are marked "=". Hypothetical pairs are in\nbrackets. Results are comparable within one topology only.',
    'Example:\n  mapcopy rank --hypervisor kvm-vhost --bytes 65536',
  ],
  async run(args, io) {
    const orders: Order[] = [];
    await withLab(io, async (client) => {
      for (const group of groupsOf(args)) {
        const results: RunResult[] = [];
        const pairs: Record<string, string> = {};
        for (const scenario of group.scenarios) {
          const [pair] = await client.call('experiment.pairs', {
            strategies: [scenario.strategy],
            hypervisors: [scenario.hypervisor],
            socs: [scenario.soc],
            base: scenario,
          });
          if (pair === undefined || pair.status === 'refused') continue;
          const where = `${group.hypervisor}, ${group.soc}, ${group.workload}`;
          io.progress(`${where}: ${scenario.strategy}`);
          const place = { scenario, record: false, out: null };
          results.push(await client.call('experiment.run', place));
          pairs[scenario.strategy] = pair.status;
        }
        if (results.length === 0) continue;
        const { workload, hypervisor, soc } = group;
        const by = {
          cpuPerByte: rank(results, 'cpuPerByte'),
          throughput: rank(results, 'throughput'),
        };
        orders.push({ workload, hypervisor, soc, by, pairs });
      }
    });
    const found = { orders, reversals: reversalsOf(orders) };
    io.out(args.has('json') ? `${JSON.stringify(found, null, 2)}\n` : textOf(found));
    return 0;
  },
};

interface Group {
  readonly workload: string;
  readonly hypervisor: string;
  readonly soc: string;
  readonly scenarios: readonly Scenario[];
}

const given = (args: Arguments, name: string): string[] =>
  args.options.filter((each) => each.name === name).map((each) => each.value);

function groupsOf(args: Arguments): Group[] {
  const [extra] = args.positionals;
  if (extra !== undefined) {
    throw usage('rank takes options only', `rank ${extra}`, 'see "mapcopy rank --help"');
  }
  const orAll = (name: string, all: readonly string[]) => {
    const some = given(args, name);
    return some.length === 0 ? all : some;
  };
  const groups: Group[] = [];
  for (const workload of orAll('workload', DEFAULT_WORKLOADS)) {
    for (const hypervisor of orAll('hypervisor', HYPERVISOR_IDS)) {
      for (const soc of orAll('soc', SOC_IDS)) {
        const scenarios = orAll('strategy', STRATEGY_IDS).map((strategy) =>
          scenarioOf(args, { workload, hypervisor, soc, strategy }),
        );
        groups.push({ workload, hypervisor, soc, scenarios });
      }
    }
  }
  return groups;
}

function scenarioOf(args: Arguments, ids: Readonly<Record<string, string>>): Scenario {
  const input: Record<string, unknown> = {};
  for (const [path, value] of Object.entries(ids)) setField(input, path, value);
  setField(input, 'requests', args.get('requests') ?? DEFAULT_REQUESTS);
  const shortcuts = { bytes: 'payloadBytes', seed: 'seed', topology: 'topology' };
  for (const [name, path] of Object.entries(shortcuts)) {
    const value = args.get(name);
    if (value !== undefined) setField(input, path, value);
  }
  for (const text of given(args, 'set')) {
    const equals = text.indexOf('=');
    if (equals < 1) throw usage('--set takes path=value', `rank --set ${text}`, 'write PATH=VALUE');
    setField(input, text.slice(0, equals), text.slice(equals + 1));
  }
  return parseScenario(input, 'command line');
}

/** Pairs of strategies that change places between machines, by workload and metric. */
function reversalsOf(orders: readonly Order[]) {
  const workloads = [...new Set(orders.map((each) => each.workload))];
  const metrics = Object.keys(METRICS) as Metric[];
  return workloads.flatMap((workload) =>
    metrics.map((metric) => ({
      workload,
      metric,
      pairs: reversals(
        Object.fromEntries(
          orders
            .filter((each) => each.workload === workload)
            .map((each) => [`${each.hypervisor} ${each.soc}`, each.by[metric]]),
        ),
      ),
    })),
  );
}

function textOf(found: {
  readonly orders: readonly Order[];
  readonly reversals: ReturnType<typeof reversalsOf>;
}): string {
  const line = (order: Order, metric: Metric) =>
    order.by[metric]
      .map(({ strategy, rank: place, tied }) => {
        const name = order.pairs[strategy] === 'native' ? strategy : `(${strategy})`;
        return `${place}${tied ? '=' : ''} ${name}`;
      })
      .join(', ');
  const best = (order: Order, metric: Metric) => number(order.by[metric][0]?.value ?? 0);
  const blocks = found.orders.map((order) =>
    [
      `${order.workload} on ${order.hypervisor}, ${order.soc}`,
      `  CPU time per byte (best ${best(order, 'cpuPerByte')} ns/B): ${line(order, 'cpuPerByte')}`,
      `  Throughput (best ${best(order, 'throughput')} Gb/s): ${line(order, 'throughput')}`,
    ].join('\n'),
  );
  const rows = found.reversals.map(({ workload, metric, pairs }) => [
    workload,
    metric,
    String(pairs.length),
    pairs
      .slice(0, 3)
      .map(({ first, second }) => `${first} and ${second}`)
      .join(', '),
  ]);
  const columns = [
    { title: 'workload' },
    { title: 'metric' },
    { title: 'pairs that change places', align: 'right' as const },
    { title: 'for example' },
  ];
  return `${blocks.join('\n\n')}\n\n${table(columns, rows)}`;
}
