import {
  crossover,
  SHARE,
  usualRange,
  type CrossoverProgress,
  type CrossoverQuestion,
} from '../../../core/crossover/index.ts';
import { METRICS, TIE, type Metric } from '../../../core/ranking/rank.ts';
import type { Command } from '../command.ts';
import { crossoverText } from '../crossover-text.ts';
import { withLab } from '../in-process-lab.ts';
import { nearest } from '../../../core/base/nearest.ts';
import { JSON_OPTION, usage, type Arguments, type GivenOption } from '../options.ts';
import { runner } from '../runner.ts';
import { number } from '../text.ts';
import { scenarioOf } from './run.ts';

const DEFAULTS = { requests: '2000', 'per-decade': '4', seeds: '3', samples: '8' } as const;
const ALL_METRICS = Object.keys(METRICS) as readonly Metric[];

/** `mapcopy crossover`. */
export const crossoverCommand: Command = {
  name: 'crossover',
  summary: 'Find the sizes at which one strategy takes over from another.',
  synopsis: '[SCENARIO.json] --a S --b S [options]',
  options: {
    a: { value: 'S', doc: 'The one strategy; see "mapcopy list strategies".' },
    b: { value: 'S', doc: 'The other.' },
    over: { value: 'bytes', doc: 'What is varied: bytes of one request, the only choice.' },
    from: { value: 'N', doc: 'Smallest size; 64 for the network, 512 for disks.' },
    to: { value: 'N', doc: 'Largest size; 65536 for the network, 1048576 for disks.' },
    'per-decade': {
      value: 'N',
      doc: `Sizes in each factor of ten; ${DEFAULTS['per-decade']} when left out.`,
    },
    metric: { value: 'M', doc: `${ALL_METRICS.join(' (the default) or ')}.` },
    hypervisor: { value: 'H', doc: 'Hypervisor, or a profile of your own, FILE.json.' },
    soc: { value: 'C', doc: 'Machine, or a profile of your own, FILE.json.' },
    workload: { value: 'W', doc: 'A net- or blk- workload; net-tx when left out.' },
    topology: { value: 'T', doc: 'mediated (the default), assigned or native.' },
    requests: {
      value: 'N',
      doc: `Requests of each run up to 64 KiB; ${DEFAULTS.requests} when left out.`,
    },
    seed: { value: 'N', doc: 'First seed.' },
    seeds: { value: 'N', doc: `How many seeds; ${DEFAULTS.seeds} when left out.` },
    samples: {
      value: 'N',
      doc: `Samples of the profiles’ ranges; ${DEFAULTS.samples} when left out, 0 for none.`,
    },
    set: { value: 'PATH=VALUE', repeatable: true, doc: 'Set any field of both scenarios.' },
    'set-a': { value: 'PATH=VALUE', repeatable: true, doc: 'Set a field for a alone.' },
    'set-b': { value: 'PATH=VALUE', repeatable: true, doc: 'Set a field for b alone.' },
    ...JSON_OPTION,
  },
  notes: [
    'Sizes are a logarithmic grid with both sides of each size where results are known to jump\n(128 B, 4 KiB, 60 KiB, 256 KiB). Every change of sign that it shows is narrowed down by bisection.\nAbove 64 KiB the requests of a run are fewer, so that it carries as many bytes (at least 200).',
    'An interval covers all samples: each seed, machines within the ranges of the profiles (a Latin\nhypercube over every quantity), and the quantities that matter most at both ends of their\nranges. Cores, NUMA nodes and the link’s rate are taken as stated.',
    `A lead within ${TIE * 100} % is a tie and wins nothing. The verdict is "crosses" when at least ${SHARE * 100} % of the\nsamples have the crossing, "never" when none has one and all have the same winner, and\n"undecided" otherwise, with the reason. The exit status is 0 for all three.`,
    'It takes a minute or two: 19 samples, each at some 25 sizes. Ctrl-C ends it with 1, and prints\nnothing.',
    'Examples:\n  mapcopy crossover --a grant-map --b grant-copy --over bytes\n  mapcopy crossover --a grant-map --b grant-persistent --workload blk-write --metric throughput\n  mapcopy crossover --a viommu-strict --b viommu-strict --hypervisor kvm-vhost --topology assigned \\\n    --set viommu.enforcement=vfio --set-a viommu.flavour=virtio-iommu --set-b viommu.flavour=vtd-cm',
  ],
  async run(args, io) {
    const question = questionOf(args);
    const found = await withLab(io, (client) => {
      const { run, about } = runner(client, io);
      return crossover(question, run, {
        onProgress: (progress) => about(progressLine(progress)),
      });
    });
    io.out(args.has('json') ? `${JSON.stringify(found, null, 2)}\n` : crossoverText(found));
    return 0;
  },
};

function questionOf(args: Arguments): CrossoverQuestion {
  const over = args.get('over') ?? 'bytes';
  if (over !== 'bytes') {
    throw usage(`nothing can be scanned over ${over}`, 'crossover --over', 'write --over bytes');
  }
  const a = scenarioOf(sideOf(args, 'a'), {}, 'crossover');
  const b = scenarioOf(sideOf(args, 'b'), {}, 'crossover');
  const [from, to] = usualRange(a);
  return {
    a,
    b,
    metric: metricOf(args.get('metric')),
    from: count(args, 'from', from),
    to: count(args, 'to', to),
    perDecade: count(args, 'per-decade', Number(DEFAULTS['per-decade'])),
    seeds: count(args, 'seeds', Number(DEFAULTS.seeds)),
    samples: count(args, 'samples', Number(DEFAULTS.samples)),
  };
}

/** The arguments as `run` would have them for one side. */
function sideOf(args: Arguments, side: 'a' | 'b'): Arguments {
  const strategy = args.get(side);
  if (strategy === undefined) {
    const example = 'write --a grant-map --b grant-copy, for example';
    throw usage(`no strategy is named as ${side}`, 'crossover', example);
  }
  const own: readonly GivenOption[] = args.options
    .filter(({ name }) => name === `set-${side}`)
    .map(({ value }) => ({ name: 'set', value }));
  const options = [
    { name: 'requests', value: DEFAULTS.requests },
    ...args.options,
    { name: 'strategy', value: strategy },
    ...own,
  ];
  return { ...args, options };
}

function metricOf(given: string | undefined): Metric {
  const found = ALL_METRICS.find((each) => each === (given ?? ALL_METRICS[0]));
  if (found !== undefined) return found;
  const close = nearest(given ?? '', ALL_METRICS);
  const remedy = `use ${ALL_METRICS.join(' or ')}`;
  throw usage(
    `there is no metric ${JSON.stringify(given)}`,
    'crossover --metric',
    close === undefined ? remedy : `did you mean ${close}? ${remedy}`,
  );
}

function count(args: Arguments, name: string, usual: number): number {
  const text = args.get(name);
  if (text === undefined) return usual;
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw usage(
    `${JSON.stringify(text)} is not a whole number`,
    `crossover --${name}`,
    `write --${name} ${usual}`,
  );
}

function progressLine({ runs, sample, samples, bytes }: CrossoverProgress): string {
  const what = sample === 0 ? 'quantities that matter' : `sample ${sample} of ${samples}`;
  return `${what}, ${number(bytes)} B, run ${number(runs + 1)}`;
}
