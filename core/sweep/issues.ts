/** What is wrong with a plan, in words that help to mend it. */
import type * as v from 'valibot';
import { nearest } from '../base/nearest.ts';
import { LabError } from '../contract/errors.ts';
import { explainIssue, fieldsOf } from '../contract/scenario.ts';

export const badPlan = (what: string, where: string, remedy: string) =>
  new LabError('BAD_PLAN', what, where, remedy);

/** `did you mean X? ` or nothing. */
export function meant(word: string, among: readonly string[]): string {
  const close = nearest(word, among);
  return close === undefined ? '' : `did you mean ${close}? `;
}

type Issue = v.BaseIssue<unknown>;

/**
 * @param where file that the plan came from
 * @param keys of a plan
 */
export function explainPlan(issue: Issue, where: string, keys: readonly string[]): LabError {
  const path = (issue.path ?? []).map((each) => String(each.key));
  const at = `${where}: ${path.length === 0 ? '(whole document)' : written(path)}`;
  const [part = '', ...inside] = path;
  switch (part) {
    case 'base':
      return inScenario(issue, inside.join('.'), at, 'the base is a scenario: write {...}');
    case 'variants':
      return inVariants(issue, inside, at);
    case 'axes':
      return inAxes(issue, inside, at);
    case 'seeds':
      return badPlan(
        issue.type === 'min_length' ? issue.message : 'this is no list of seeds',
        at,
        'give whole numbers from 0 to 4294967295, as [1, 2, 3] or {"from": 1, "count": 3}',
      );
    case 'exclude':
      return badPlan(
        issue.type === 'min_entries' ? issue.message : 'this excludes nothing that can be named',
        at,
        'give a list of entries, as [{"strategy": "grant-map", "payloadBytes": [64, 128]}]',
      );
    case 'record':
      return badPlan(`unknown record ${JSON.stringify(issue.input)}`, at, 'say none or all');
    case 'format':
      return badPlan(`unknown format ${JSON.stringify(issue.input)}`, at, 'say 1');
    case 'name':
      return badPlan('this is no name', at, 'give a text of at most 200 characters');
    case '':
      return badPlan('a plan is a JSON object', at, 'write {...}');
    default:
      return badPlan(
        `a plan has no part ${JSON.stringify(part)}`,
        at,
        `${meant(part, keys)}it has ${keys.join(', ')}`,
      );
  }
}

/** `axes.backend.cpus[2]` */
function written(path: readonly string[]): string {
  return path
    .map((name, i) => (/^\d+$/.test(name) ? `[${name}]` : `${i === 0 ? '' : '.'}${name}`))
    .join('');
}

/** @param shape remedy when it is no scenario at all */
function inScenario(issue: Issue, path: string, at: string, shape: string): LabError {
  if (path === '') return badPlan('this is no scenario', at, shape);
  const { code, what, remedy } = explainIssue(issue, path);
  return new LabError(code, what, at, remedy);
}

function inVariants(issue: Issue, inside: readonly string[], at: string): LabError {
  const [, variant, ...field] = inside;
  if (issue.type === 'regex') {
    return badPlan(issue.message, at, 'begin with a letter, at most 64 characters');
  }
  if (variant === undefined) {
    return badPlan(
      'an axis of variants is an object',
      at,
      'write {"NAME": {"field": value}, ...} with what differs from the base',
    );
  }
  return inScenario(issue, field.join('.'), at, 'write {...} with what differs from the base');
}

function inAxes(issue: Issue, inside: readonly string[], at: string): LabError {
  const [field, index] = inside;
  if (field === undefined) return badPlan('axes are an object', at, 'write {"field": [values]}');
  if (index !== undefined) return inScenario(issue, field, at, '');
  if (issue.type === 'min_length') return badPlan(issue.message, at, 'give a value, or remove it');
  if (issue.type === 'array') {
    return badPlan('an axis is a list of values', at, `write "${field}": [...]`);
  }
  if (/^(profiles|recorded\.stream)/.test(field)) {
    return badPlan(`${field} is a document of its own`, at, 'give each a name under variants');
  }
  const paths = fieldsOf().map((each) => each.path);
  const inGroup = paths.filter((each) => each.startsWith(`${field}.`));
  const choice = inGroup.length > 0 ? `use one of ${inGroup.join(', ')}` : meant(field, paths);
  return badPlan(
    `a scenario has no field ${JSON.stringify(field)}`,
    at,
    `${choice}${inGroup.length > 0 ? '' : 'see "mapcopy list fields" for all of them'}`,
  );
}
