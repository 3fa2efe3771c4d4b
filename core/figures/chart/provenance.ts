/** What the numbers of a chart rest on, in a form that a file can carry. */
import { VERSION } from '../../contract/version.ts';
import type { ChartProvenance } from './model.ts';
import type { ChartRow } from './rows.ts';

const FEW = 3;

export function provenanceOf(rows: readonly ChartRow[]): ChartProvenance {
  const results = rows.flatMap(({ result }) => (result === null ? [] : [result]));
  const distinct = <T>(values: readonly T[]) =>
    [...new Set(values)].sort((a, b) => (a < b ? -1 : 1));
  const seeds = [...new Set(results.map(({ seed }) => seed))].sort((a, b) => a - b);
  const scenarios = distinct(results.map(({ scenarioHash }) => scenarioHash));
  const origins = distinct(rows.map(({ origin }) => origin));
  const origin = origins.length === 2 ? 'simulated and recorded' : (origins[0] ?? 'simulated');
  const versions = distinct(results.map(({ version }) => version));
  const profiles = Object.fromEntries(
    distinct(
      results.flatMap((result) =>
        Object.entries(result.profiles).map(([id, hash]) => `${id} ${hash}`),
      ),
    ).map((each) => each.split(' ') as [string, string]),
  );
  const topologies = distinct(results.map(({ topology }) => topology));
  const line = [
    `${origin.charAt(0).toUpperCase()}${origin.slice(1)}.`,
    [
      `Mapcopy ${versions.length === 0 ? VERSION : versions.join(', ')}`,
      `${rows.length} ${rows.length === 1 ? 'run' : 'runs'}`,
      few(
        'profile',
        'profiles',
        Object.entries(profiles).map(([id, hash]) => `${id} ${hash.slice(0, 8)}`),
      ),
      few(
        'scenario',
        'scenarios',
        scenarios.map((each) => each.slice(0, 8)),
      ),
      seedText(seeds),
      topologies.length === 0 ? '' : `topology ${topologies.join(', ')}`,
      results.length === 1 ? `fingerprint ${results[0]?.fingerprint ?? ''}` : '',
    ]
      .filter((each) => each !== '')
      .join(' · '),
  ].join(' ');
  return {
    origin,
    version: versions.join(', ') || VERSION,
    runs: rows.length,
    seeds,
    profiles,
    scenarios,
    fingerprints: distinct(results.map(({ fingerprint }) => fingerprint)),
    line,
  };
}

/** Each by name while they are few. */
function few(one: string, many: string, values: readonly string[]): string {
  if (values.length === 0) return '';
  if (values.length > FEW) return `${values.length} ${many}`;
  return `${values.length === 1 ? one : many} ${values.join(', ')}`;
}

function seedText(seeds: readonly number[]): string {
  const [first] = seeds;
  const last = seeds.at(-1);
  if (first === undefined || last === undefined) return '';
  if (seeds.length === 1) return `seed ${first}`;
  return last - first === seeds.length - 1
    ? `seeds ${first} to ${last}`
    : `seeds ${seeds.slice(0, 8).join(', ')}${seeds.length > 8 ? ', ...' : ''}`;
}
