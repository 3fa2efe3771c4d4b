/** Entry of `npm run bench`. */
import { exitStatusOf, LabError, toErrorData } from '../../core/contract/index.ts';
import { nearest } from '../../core/base/nearest.ts';
import { readArguments, usage, type OptionSpecs } from '../../electron/cli/options.ts';
import { number, table } from '../../electron/cli/text.ts';
import { BENCHES } from './benches.ts';
import { measure, type Figure } from './measure.ts';

const HELP = `Measures how fast the lab is. Machines differ and are busy with other things, so each figure
stands beside a baseline taken in turn with it: the same kind of work, done as plainly as can be.
The goal is a ratio of the two.

Usage: npm run -s bench -- [--json] [--only NAME] [--long]

  --json       Print an array of {name, value, unit, better, baseline, goal, ok}.
  --only NAME  Only this one; may be repeated: ${BENCHES.map(({ name }) => name).join(', ')}.
  --long       Ten times the work.
  --help       Show this help.

Exit status: 0, also when a goal is missed ("ok" says so); 2 for bad usage.
`;

const OPTIONS: OptionSpecs = {
  json: { doc: '' },
  only: { value: 'NAME', repeatable: true, doc: '' },
  long: { doc: '' },
  help: { doc: '' },
};

async function bench(): Promise<number> {
  const args = readArguments('bench', process.argv.slice(2), OPTIONS);
  if (args.has('help')) {
    process.stdout.write(HELP);
    return 0;
  }
  const names = BENCHES.map(({ name }) => name);
  const only = args.options.filter(({ name }) => name === 'only').map(({ value }) => value);
  for (const name of only) {
    if (names.includes(name)) continue;
    const close = nearest(name, names) ?? names.join(', ');
    throw usage(`there is no figure ${JSON.stringify(name)}`, '--only', `did you mean ${close}?`);
  }
  const chosen = BENCHES.filter(({ name }) => only.length === 0 || only.includes(name));
  const figures: Figure[] = [];
  for (const each of chosen) figures.push(await measure(each, args.has('long')));
  process.stdout.write(
    args.has('json') ? `${JSON.stringify(figures, null, 2)}\n` : textOf(figures),
  );
  return 0;
}

function textOf(figures: readonly Figure[]): string {
  const right = (title: string) => ({ title, align: 'right' as const });
  const rows = figures.map((figure) => [
    figure.name,
    number(figure.value),
    figure.unit,
    number(figure.baseline),
    number(figure.value / figure.baseline),
    `${figure.better === 'higher' ? '≥' : '≤'} ${figure.goal}`,
    figure.ok ? 'ok' : 'MISSED',
  ]);
  const columns = [
    { title: 'figure' },
    right('value'),
    { title: 'unit' },
    right('baseline'),
    right('ratio'),
    right('goal'),
    { title: '' },
  ];
  const about = BENCHES.filter(({ name }) => figures.some((figure) => figure.name === name))
    .map((each) => `${each.name}: ${each.about}\n`)
    .join('');
  return `${table(columns, rows)}\n${about}`;
}

try {
  process.exitCode = await bench();
} catch (thrown) {
  const error = LabError.from(toErrorData(thrown));
  process.stderr.write(`${error.line}\n`);
  process.exitCode = exitStatusOf(error.data.code);
}
