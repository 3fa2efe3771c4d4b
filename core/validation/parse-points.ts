/** A points file read and checked: what is wrong with it is named by file, entry and field. */
import * as v from 'valibot';
import { LabError } from '../contract/errors.ts';
import { parseScenario } from '../contract/scenario.ts';
import { profilesOf } from '../experiment/profiles.ts';
import { PointsFileSchema, type Point } from './point.ts';

const bad = (what: string, where: string, remedy: string) =>
  new LabError('BAD_ARGUMENT', what, where, remedy);

/** Scenarios that each measure compares: at least, and at most. */
const SCENARIOS = {
  value: [1, 1],
  ratio: [2, 2],
  order: [2, Infinity],
} as const satisfies Record<Point['measure'], readonly [number, number]>;

/**
 * Reads a points file, to the last field of its scenarios.
 *
 * @param where file that it came from, for the message
 * @throws LabError BAD_ARGUMENT, or what a wrong scenario or profile throws, naming file, entry and
 *   field
 */
export function parsePoints(document: unknown, where: string): readonly Point[] {
  const outcome = v.safeParse(PointsFileSchema, document);
  if (!outcome.success) throw explain(outcome.issues[0], document, where);
  const { points } = outcome.output;
  points.forEach((point, i) => {
    checkPoint(point, i, points, where);
  });
  return points;
}

/** `FILE: points[3] "V-N5"`. */
const entryOf = (where: string, index: number, id: unknown): string =>
  `${where}: points[${index}]${typeof id === 'string' ? ` ${JSON.stringify(id)}` : ''}`;

function checkPoint(point: Point, index: number, all: readonly Point[], where: string): void {
  const entry = entryOf(where, index, point.id);
  const first = all.findIndex(({ id }) => id === point.id);
  if (first !== index) {
    throw bad(
      `the id occurs before, in points[${first}]`,
      `${entry}: id`,
      'give each point an id of its own',
    );
  }
  const [least, most] = SCENARIOS[point.measure];
  const count = point.scenarios.length;
  if (count < least || count > most) {
    const needed = most === Infinity ? 'two or more scenarios' : least === 1 ? 'one' : 'two';
    throw bad(
      `measure ${point.measure} has ${count === 1 ? 'one scenario' : `${count} scenarios`}`,
      `${entry}: scenarios`,
      `give it ${needed}`,
    );
  }
  point.scenarios.forEach((input, i) => {
    try {
      profilesOf(parseScenario(input, `${entry}: scenarios[${i}]`));
    } catch (thrown) {
      if (!(thrown instanceof LabError) || thrown.data.where.startsWith(entry)) throw thrown;
      const at = `${entry}: scenarios[${i}]: ${thrown.data.where.replace(/^scenario: /, '')}`;
      throw LabError.from({ ...thrown.data, where: at });
    }
  });
}

function explain(issue: v.BaseIssue<unknown>, document: unknown, where: string): LabError {
  const keys = (issue.path ?? []).map(({ key }) => key);
  const [list, index, ...rest] = keys;
  const inEntry = list === 'points' && typeof index === 'number';
  const field = (inEntry ? rest : keys).join('.');
  const entry = inEntry
    ? entryOf(where, index, (document as { points: { id?: unknown }[] }).points[index]?.id)
    : where;
  const at = field === '' ? entry : `${entry}: ${field}`;
  const schema = 'see "mapcopy validate --schema" for every field';
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    return bad(`there is no field ${field}`, at, `remove it; ${schema}`);
  }
  if (issue.input === undefined) return bad(`${field} is missing`, at, `add it; ${schema}`);
  if (issue.type === 'picklist') {
    const options = (issue.expected ?? '').replaceAll(/[()"]/g, '').replaceAll(' | ', ', ');
    return bad(`unknown ${field} ${JSON.stringify(issue.input)}`, at, `use one of ${options}`);
  }
  return bad(issue.message, at, remedyFor(issue));
}

function remedyFor({ type, expected }: v.BaseIssue<unknown>): string {
  if (type === 'min_length') return 'do not leave it empty';
  if (expected === 'Object') return 'write {...}';
  if (expected === 'Array') return 'write [...]';
  return expected === 'number' || expected === 'string' ? `give a ${expected}` : `give ${expected}`;
}
