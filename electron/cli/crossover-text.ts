/** A crossover for people: who is ahead at which size, where that changes, and how sure it is. */
import type { CrossoverFound, CrossoverPoint, Crossing } from '../../core/crossover/index.ts';
import { bytes, number, percent, table, wrap } from './text.ts';

export function crossoverText(found: CrossoverFound): string {
  return [
    headline(found),
    sizeTable(found),
    found.crossings.length === 0
      ? 'No crossing in any sample.\n'
      : found.crossings.map((each) => crossingText(each, found)).join(''),
    tieText(found),
    found.caution === '' ? '' : `${wrap(found.caution)}\n`,
    dependsText(found),
    `Verdict: ${found.verdict}\n${indented(`${found.reason}.`)}\n`,
    provenance(found),
  ]
    .filter((part) => part !== '')
    .join('\n');
}

/** `grant-map`, or `(grant-map)` where the pair is hypothetical; a and b where they are the same. */
function named(found: CrossoverFound, side: 'a' | 'b'): string {
  const { strategy, pair } = found[side];
  const name = found.a.strategy === found.b.strategy ? `${strategy} ${side}` : strategy;
  return pair === 'native' ? name : `(${name})`;
}

function headline(found: CrossoverFound): string {
  const what =
    found.metric === 'cpuPerByte' ? 'CPU time of all actors for each byte' : 'Throughput';
  const notes = (['a', 'b'] as const)
    .filter((side) => found[side].pair !== 'native')
    .map(
      (side) =>
        `${indented(`${named(found, side)} is ${found[side].pair}: ${found[side].reason}`)}\n`,
    );
  const { hypervisor, soc, workload, topology, unit, better } = found;
  const where = [hypervisor, soc, workload, topology].join(', ');
  return `${named(found, 'a')} and ${named(found, 'b')} on ${where}\n${what} (${unit}, ${better} is better), simulated\n${notes.join('')}`;
}

function sizeTable(found: CrossoverFound): string {
  const right = (title: string) => ({ title, align: 'right' as const });
  const range = ([low, high]: readonly [number, number]) => `${number(low)} to ${number(high)}`;
  const [a, b] = [named(found, 'a'), named(found, 'b')];
  const winner = ({ winner: side }: CrossoverPoint) =>
    side === 'tie' ? 'tie' : named(found, side);
  const ends = found.crossings.filter(({ given }) => given).flatMap(({ place }) => place);
  const shown = found.points.filter((each) => each.onGrid || ends.includes(each.bytes));
  return table(
    [
      right('bytes'),
      right(a),
      right(b),
      { title: 'ahead' },
      right('by'),
      right(`${a}, samples`),
      right(`${b}, samples`),
      right('ahead in'),
    ],
    shown.map((point) => [
      number(point.bytes),
      number(point.a),
      number(point.b),
      winner(point),
      leadOf(point),
      range(point.aRange),
      range(point.bRange),
      `${point.ahead.a}, ${point.ahead.b} of ${point.ahead.of}`,
    ]),
  );
}

/** How far the better one is ahead; by much, as a multiple. */
function leadOf({ gap }: CrossoverPoint): string {
  const lead = Math.abs(gap);
  return lead > 1 ? `${number(1 + lead)} times` : percent(lead);
}

function crossingText(crossing: Crossing, found: CrossoverFound): string {
  const { at, low, high, from, to, share, given } = crossing;
  const samples = `${Math.round(share * found.samples.length)} of ${found.samples.length} samples`;
  const place = given ? `at ${size(at)}` : `near ${size(at)}, not with the values given`;
  const notes = [
    `${named(found, to)} takes over from ${named(found, from)}`,
    `between ${size(low)} and ${size(high)} in ${samples}`,
    ...(crossing.break === null ? [] : [`exactly where ${crossing.breakReason}`]),
    ...(crossing.leap ? ['the curves do not meet there: one of them has a step'] : []),
  ];
  return `Crossing ${place}\n${indented(`${notes.join('; ')}.`)}\n`;
}

const size = (value: number): string =>
  value < 10_240 ? bytes(value) : `${bytes(value)} (${number(value)} B)`;

function tieText({ withinTies }: CrossoverFound): string {
  if (withinTies.length === 0) return '';
  const places = withinTies.map(({ at }) => bytes(at)).join(', ');
  return `The sign also changes within ties, where neither wins: ${places}.\n`;
}

function dependsText({ dependsOn }: CrossoverFound): string {
  if (dependsOn.length === 0) return '';
  const right = (title: string) => ({ title, align: 'right' as const });
  return `It turns most on\n${table(
    [
      { title: 'quantity' },
      right('value'),
      right('low'),
      right('high'),
      { title: 'unit' },
      { title: 'tag' },
      right('gap moves by'),
      right('at'),
    ],
    dependsOn.map(({ quantity, value, low, high, unit, tag, effect, bytes: at }) => [
      quantity,
      number(value),
      number(low),
      number(high),
      unit,
      tag,
      percent(effect),
      bytes(at),
    ]),
  )}`;
}

function provenance({ samples, runs, profiles }: CrossoverFound): string {
  const kinds = { given: 'as given', seed: 'other seeds', ranges: 'within the ranges' };
  const counts = Object.entries(kinds).map(
    ([kind, words]) => `${samples.filter((each) => each.kind === kind).length} ${words}`,
  );
  const ends = samples.filter(({ kind }) => kind === 'low' || kind === 'high').length;
  const hashes = Object.entries(profiles).map(([id, hash]) => `${id} ${hash}`);
  const all = samples.length === 1 ? '1 sample' : `${samples.length} samples`;
  return `Simulated: ${all} (${counts.join(', ')}, ${ends} at ends of ranges), ${number(runs)} runs; profiles:\n${indented(hashes.join(', '))}\n`;
}

const indented = (text: string): string => wrap(text, 86).replaceAll(/^/gm, '  ');
