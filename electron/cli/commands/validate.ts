import { LabError } from '../../../core/contract/index.ts';
import {
  parsePoints,
  POINTS,
  pointsJsonSchema,
  validate,
  type Point,
  type ScoredPoint,
  type Validation,
} from '../../../core/validation/index.ts';
import type { Command } from '../command.ts';
import { withLab } from '../in-process-lab.ts';
import { readObject } from '../json-file.ts';
import { nearest } from '../../../core/base/nearest.ts';
import { JSON_OPTION, usage, type Arguments } from '../options.ts';
import { runner } from '../runner.ts';
import { number, percent, table, wrap } from '../text.ts';

/** The word that stands for our own points where a file is expected. */
const SHIPPED = 'shipped';

/** `mapcopy validate`. */
export const validateCommand: Command = {
  name: 'validate',
  summary: 'Run published measurements as scenarios, and say which the lab repeats.',
  synopsis: '[options]',
  options: {
    points: {
      value: 'FILE',
      repeatable: true,
      doc: `Points of your own in place of ours; "${SHIPPED}" stands for ours.`,
    },
    only: { value: 'ID', repeatable: true, doc: 'Only this point.' },
    schema: { doc: 'Print the JSON schema of a points file, and run nothing.' },
    ...JSON_OPTION,
  },
  notes: [
    `A file of points takes the place of ours. Give several to run them all, and "${SHIPPED}" to run\nours beside yours; an id may then occur once in all of them.`,
    'A ratio passes within 20 % and a value within 35 % of what was published, unless the point\nsays otherwise; an order passes when it is the same. Points of kind consistency share a source\nwith a number of the cost model, and predictions have not been measured: neither is counted.',
    'A point that fails is a finding, with what the model lacks; the exit status is 0 all the same.\nIt is 2 when a file is wrong, and 1 when Ctrl-C ends it: nothing is printed then.',
    `Examples:\n  mapcopy validate\n  mapcopy validate --only V-N5 --only V-N6 --json\n  mapcopy validate --points ${SHIPPED} --points lab-notes.json`,
  ],
  async run(args, io) {
    const [extra] = args.positionals;
    if (extra !== undefined) {
      throw usage(
        'validate takes options only',
        `validate ${extra}`,
        `write --points ${extra} for a file of points`,
      );
    }
    if (args.has('schema')) {
      io.out(`${JSON.stringify(pointsJsonSchema(), null, 2)}\n`);
      return 0;
    }
    const points = chosen(args, pointsOf(args));
    const found = await withLab(io, (client) => {
      const { run, about } = runner(client, io);
      return validate(points, run, (id, i) => {
        about(`${i + 1} of ${points.length}: ${id}`);
      });
    });
    io.out(args.has('json') ? `${JSON.stringify(found, null, 2)}\n` : textOf(found));
    return 0;
  },
};

/** Points of all files that are named, ours when none is. */
function pointsOf(args: Arguments): readonly Point[] {
  const files = given(args, 'points');
  if (files.length === 0) return POINTS;
  const from = new Map<string, string>();
  return files.flatMap((file) => {
    const points =
      file === SHIPPED
        ? POINTS
        : parsePoints(readObject(file, 'file of points', 'BAD_ARGUMENT'), file);
    for (const { id } of points) {
      const before = from.get(id);
      if (before !== undefined) {
        throw new LabError(
          'BAD_ARGUMENT',
          `there is a point ${JSON.stringify(id)} in ${before} already`,
          `${file}: points`,
          'give each point an id of its own, or name one of the two',
        );
      }
      from.set(id, file);
    }
    return points;
  });
}

/** @throws LabError UNKNOWN_ID for an id that no point has */
function chosen(args: Arguments, points: readonly Point[]): readonly Point[] {
  const only = given(args, 'only');
  const ids = points.map(({ id }) => id);
  for (const id of only) {
    if (ids.includes(id)) continue;
    const close = nearest(id, ids);
    const remedy = `use one of ${ids.join(', ')}`;
    throw new LabError(
      'UNKNOWN_ID',
      `there is no point ${JSON.stringify(id)}`,
      '--only',
      close === undefined ? remedy : `did you mean ${close}? ${remedy}`,
    );
  }
  return only.length === 0 ? points : points.filter(({ id }) => only.includes(id));
}

const given = (args: Arguments, name: string): string[] =>
  args.options.filter((each) => each.name === name).map((each) => each.value);

function textOf({ points, passed, total, profiles }: Validation): string {
  const right = (title: string) => ({ title, align: 'right' as const });
  const columns = [
    { title: 'point' },
    { title: 'kind' },
    right('published'),
    right('simulated'),
    { title: 'unit' },
    right('within'),
    { title: '' },
  ];
  const rows = points.map((each) => [
    each.id,
    each.kind,
    figureOf(each, each.published),
    each.simulated === null ? 'not run' : figureOf(each, each.simulated),
    each.unit,
    each.unit === 'order' ? 'exact' : percent(each.tolerance),
    each.pass ? 'pass' : 'FAIL',
  ]);
  const failing = points.filter((each) => !each.pass);
  const hashes = Object.entries(profiles).map(([id, hash]) => `${id} ${hash}`);
  return [
    table(columns, rows),
    ...failing.map((each) => `${each.id}: ${each.what}\n${indented(whyOf(each))}\n`),
    `${passed} of ${total} validation points pass`,
    `Simulated; profiles:\n${indented(hashes.join(', '))}`,
    '',
  ].join('\n');
}

/** An order is either as published or not: a number would say less. */
function figureOf({ unit }: ScoredPoint, value: number): string {
  if (unit !== 'order') return number(value);
  return value === 1 ? 'as listed' : 'other';
}

function whyOf({ reason, simulated, values, unit }: ScoredPoint): string {
  const why = reason === '' ? 'what the model lacks here is not known' : reason;
  if (simulated === null || values.length < 2) return why;
  const all = values.map(number).join(unit === 'order' ? ', ' : ' by ');
  return `${why} (simulated: ${all})`;
}

const indented = (text: string): string => wrap(text, 86).replaceAll(/^/gm, '  ');
