import os from 'node:os';
import { LabError } from '../../../core/contract/index.ts';
import { parsePlan, parseShard, planJsonSchema } from '../../../core/sweep/index.ts';
import type { Command } from '../command.ts';
import type { Io } from '../io.ts';
import { readObject } from '../json-file.ts';
import { JSON_OPTION, usage, type Arguments } from '../options.ts';
import { SweepMeter } from '../sweep-meter.ts';
import { number, pairs } from '../text.ts';

const JOBS_MAX = 1024;

/** `mapcopy sweep`. */
export const sweepCommand: Command = {
  name: 'sweep',
  summary: 'Run every combination of a plan into one database, in parts if you like.',
  synopsis: 'PLAN.json --out DIR [--jobs N] [--shard I/N] | sweep merge DIR... --out DIR',
  options: {
    out: { value: 'DIR', doc: 'Folder of the results: DIR/sweep.sqlite, and traces if recorded.' },
    jobs: { value: 'N', doc: 'Runs at a time; the number of cores when left out.' },
    shard: { value: 'I/N', doc: 'Only the I-th of N parts, for a batch system.' },
    schema: { doc: 'Print the JSON schema of a plan.' },
    ...JSON_OPTION,
  },
  notes: [
    'A plan says what is varied, and everything has a default:\n  {"base": {"requests": 2000},\n   "axes": {"strategy": ["grant-map", "grant-copy"], "payloadBytes": [64, 1500, 65536]},\n   "variants": {"disk": {"fast": {}, "lossy": {"blk": {"device": "network", "lossPpm": 100}}}},\n   "seeds": {"from": 1, "count": 5},\n   "exclude": [{"strategy": "grant-map", "payloadBytes": 64}],\n   "record": "none"}',
    'Pairs that do not exist are rows with their reason. Ctrl-C or a kill keeps what is done; the\nsame command again makes what is missing, and tries again what failed.',
    'Parts made on different machines merge into one database; it says how many runs are missing.',
    'Exit status: 0 when every run is done or refused, 1 when one failed or the sweep was stopped.',
    "Examples:\n  mapcopy sweep plan.json --out study --jobs 8\n  mapcopy sweep plan.json --out part-3 --shard 3/20 --json\n  mapcopy sweep merge part-* --out study\n  sqlite3 -csv -header study/sweep.sqlite 'SELECT * FROM results'",
  ],
  async run(args, io) {
    if (args.has('schema')) return printSchema(args, io);
    const [first, ...rest] = args.positionals;
    if (first === undefined) {
      throw usage('no plan is named', 'sweep', 'write mapcopy sweep PLAN.json --out DIR');
    }
    const folder = args.get('out');
    if (folder === undefined || folder === '') {
      throw usage('no folder for the results is named', 'sweep', 'add --out DIR');
    }
    return first === 'merge'
      ? await merge(rest, folder, args, io)
      : await sweep(first, rest, folder, args, io);
  },
};

function printSchema(args: Arguments, io: Io): number {
  const other = args.options.find(({ name }) => name !== 'schema' && name !== 'json')?.name;
  const extra = args.positionals[0] ?? (other === undefined ? undefined : `--${other}`);
  if (extra !== undefined) {
    throw usage('the schema needs nothing else', `sweep --schema ${extra}`, 'give --schema alone');
  }
  io.out(`${JSON.stringify(planJsonSchema(), null, 2)}\n`);
  return 0;
}

function jobsOf(args: Arguments): number {
  const text = args.get('jobs');
  if (text === undefined) return os.availableParallelism();
  const jobs = Number(text);
  if (/^\d+$/.test(text) && jobs >= 1 && jobs <= JOBS_MAX) return jobs;
  throw new LabError(
    'BAD_ARGUMENT',
    `${JSON.stringify(text)} is no number of jobs`,
    '--jobs',
    `give a whole number from 1 to ${JOBS_MAX}`,
  );
}

async function sweep(
  file: string,
  rest: readonly string[],
  folder: string,
  args: Arguments,
  io: Io,
): Promise<number> {
  if (rest[0] !== undefined) {
    throw usage('there is one argument too many', `sweep ${rest[0]}`, 'give one plan');
  }
  const jobs = jobsOf(args);
  const text = args.get('shard');
  const shard = text === undefined ? null : parseShard(text);
  const plan = parsePlan(readObject(file, 'plan', 'BAD_PLAN'), file);

  const { runSweep } = await import('../../lab/sweep/index.ts');
  const stop = new AbortController();
  const release = io.onStop((signal) => stop.abort(`stopped by ${signal}`));
  const meter = new SweepMeter(io, () => performance.now());
  try {
    const outcome = await runSweep({
      plan,
      where: file,
      folder,
      jobs,
      shard,
      onProgress: (progress) => meter.show(progress),
      signal: stop.signal,
      now: () => new Date(),
    });
    io.progress('');
    if (stop.signal.aborted && outcome.missing > 0) {
      throw new LabError(
        'CANCELLED',
        `the sweep was ${String(stop.signal.reason)} with ${outcome.missing} of ${outcome.runs} runs missing`,
        outcome.database,
        'the same command makes them',
      );
    }
    const whole = { ...outcome, shard: text ?? null };
    print(whole, args, io);
    return failures(outcome);
  } finally {
    release();
    io.progress('');
  }
}

async function merge(
  sources: readonly string[],
  folder: string,
  args: Arguments,
  io: Io,
): Promise<number> {
  if (sources.length === 0) {
    throw usage('no folder is named', 'sweep merge', 'write mapcopy sweep merge DIR... --out DIR');
  }
  for (const name of ['jobs', 'shard']) {
    if (args.has(name))
      throw usage('merging runs nothing', `sweep merge --${name}`, 'leave it out');
  }
  const { mergeSweeps } = await import('../../lab/sweep/index.ts');
  const outcome = mergeSweeps({ sources, folder, now: () => new Date() });
  print({ ...outcome, shard: null }, args, io);
  if (outcome.missing > 0) {
    io.err(`${outcome.missing} of ${outcome.runs} runs of the plan are in none of these folders\n`);
  }
  return failures(outcome);
}

interface Counts {
  readonly runs: number;
  readonly done: number;
  readonly refused: number;
  readonly failed: number;
  readonly missing: number;
  readonly database: string;
}

function print(found: Counts & { readonly shard: string | null }, args: Arguments, io: Io): void {
  if (args.has('json')) return io.out(`${JSON.stringify(found, null, 2)}\n`);
  const { runs, done, refused, failed, missing, database, shard } = found;
  io.out(
    pairs([
      [shard === null ? 'Runs' : `Runs of shard ${shard}`, number(runs)],
      ['Done', number(done)],
      ['Refused', number(refused)],
      ['Failed', number(failed)],
      ...(missing > 0 ? [['Missing', number(missing)] as const] : []),
      ['Database', database],
    ]),
  );
}

/** @throws LabError RUNS_FAILED, after the results have been printed */
function failures({ failed, runs, database }: Counts): number {
  if (failed === 0) return 0;
  throw new LabError(
    'RUNS_FAILED',
    `${failed} of ${runs} runs failed`,
    database,
    "see SELECT id, reason FROM runs WHERE status = 'failed'; the sweep again tries them again",
  );
}
