/** A diff for people: one screen. */
import type { Change, DivergingEvent, NoTest, RankTest, TraceDiff } from '../../core/diff/index.ts';
import { bytes, duration, number, percent, table, wrap, type Column } from './text.ts';

const KINDS = 8;
const REQUESTS = 3;
const FIELDS = 8;

export function diffText(diff: TraceDiff): string {
  const head = [...sides(diff), ''];
  if (diff.identical) {
    return [...head, 'No difference: the same events, requests, hazards and exposure.', ''].join(
      '\n',
    );
  }
  return [
    ...head,
    ...scenario(diff),
    figures(diff),
    payers(diff),
    kinds(diff),
    ...latency(diff),
    ...safety(diff),
    ...requests(diff),
    ...diff.notes.map((note) => wrap(`Note: ${note}`)),
    '',
  ].join('\n');
}

function sides({ a, b }: TraceDiff): string[] {
  return [['A', a] as const, ['B', b] as const].map(([side, from]) => {
    const origin =
      from.kind === 'imported' ? `recorded (${from.sourceName ?? 'source unknown'})` : 'simulated';
    const parts = [
      `${side}  ${from.file}: ${origin}, ${from.status}`,
      from.program,
      from.seed === null ? null : `seed ${from.seed}`,
      from.fingerprint === null ? null : `fingerprint ${from.fingerprint}`,
    ];
    const model = Object.entries(from.profiles).map(([id, hash]) => `${id} ${hash.slice(0, 8)}`);
    const line = parts.filter((part) => part !== null).join(', ');
    return model.length === 0 ? line : `${line}\n   cost model ${model.join(', ')}`;
  });
}

function scenario(diff: TraceDiff): string[] {
  const { alignment } = diff;
  const by = alignment.by === 'request' ? 'request by request' : 'by kind and distribution';
  return [`Compared ${by}: ${alignment.reason}.`, ...scenarios(diff), ''];
}

function scenarios({ a, b, scenario: { differs, costModel } }: TraceDiff): string[] {
  if ([a, b].some(({ kind }) => kind === 'imported')) {
    return ['A recording has no scenario to be compared.'];
  }
  const shown = differs.slice(0, FIELDS);
  const value = (each: unknown) => {
    const text = typeof each === 'string' ? each : JSON.stringify(each);
    return text.length > 40 ? `${text.slice(0, 37)}...` : text;
  };
  return [
    differs.length === 0
      ? 'The scenarios do not differ.'
      : `Scenario: ${shown.map(({ path, a, b }) => `${path} ${value(a)} → ${value(b)}`).join('; ')}${differs.length > FIELDS ? `; ${differs.length - FIELDS} more with --json` : ''}.`,
    ...(costModel.length > 0
      ? [`Cost model differs: ${costModel.map(({ path }) => path).join(', ')}.`]
      : []),
  ];
}

const CHANGE_COLUMNS: readonly Column[] = [
  { title: 'A', align: 'right' },
  { title: 'B', align: 'right' },
  { title: 'change', align: 'right' },
  { title: '', align: 'right' },
];

type Unit = (value: number) => string;

function cells({ a, b, change, relative }: Change, unit: Unit): string[] {
  const text = (value: number | null) => (value === null ? '-' : unit(value));
  return [text(a), text(b), change === null ? '-' : signed(change, unit), share(relative)];
}

function signed(value: number, unit: Unit): string {
  return `${value > 0 ? '+' : ''}${unit(value)}`;
}

function share(relative: number | null): string {
  return relative === null ? '' : signed(relative, percent);
}

function figures(diff: TraceDiff): string {
  const { totals, perRequest, steadyState, latency } = diff;
  const rows: [string, Change | undefined, Unit][] = [
    ['throughput, Gbit/s', steadyState?.['throughputGbps'], number],
    ['latency, median', latency?.percentilesNs.p50, duration],
    ['latency, p99', latency?.percentilesNs.p99, duration],
    ['requests completed', totals.completed, number],
    ['span', totals.spanNs, duration],
    ['events', totals.events, number],
    ...Object.entries(perRequest?.counts ?? totals.counts).map(
      ([key, each]): [string, Change, Unit] => [
        perRequest === null ? key : `${key} per request`,
        each,
        number,
      ],
    ),
  ];
  return table(
    [{ title: 'whole' }, ...CHANGE_COLUMNS],
    rows.flatMap(([label, each, unit]) =>
      each === undefined || (each.a === each.b && (each.a ?? 0) === 0)
        ? []
        : [[label, ...cells(each, unit)]],
    ),
  );
}

function payers({ components, totals }: TraceDiff): string {
  if (components === null) {
    return table(
      [{ title: 'time without nested time' }, ...CHANGE_COLUMNS],
      Object.entries(totals.selfNs).map(([role, each]) => [role, ...cells(each, duration)]),
    );
  }
  const rows = Object.entries(components.actors)
    .filter(([, { totalNs }]) => totalNs.a !== 0 || totalNs.b !== 0)
    .map(([actor, { totalNs, ownNs }]) => [
      actor,
      ...cells(totalNs, duration),
      `${duration(ownNs.a ?? 0)} → ${duration(ownNs.b ?? 0)}`,
    ]);
  return table(
    [{ title: 'who a request waits for (mean)' }, ...CHANGE_COLUMNS, { title: 'not in a batch' }],
    [
      ...rows,
      ['waiting', ...cells(components.waitingNs, duration)],
      ['submit to completion', ...cells(components.latencyNs, duration)],
    ],
  );
}

function kinds({ kinds: all }: TraceDiff): string {
  const rows = all
    .filter(
      ({ count, selfNs, timeNs }) =>
        count.change !== 0 || selfNs.change !== 0 || timeNs.change !== 0,
    )
    .slice(0, KINDS)
    .map(({ name, count, selfNs, significance }) => [
      name,
      `${number(count.a ?? 0)} → ${number(count.b ?? 0)}`,
      ...cells(selfNs, duration),
      verdict(significance),
    ]);
  const left = all.length - rows.length;
  return (
    table(
      [
        { title: 'events that changed most' },
        { title: 'count', align: 'right' },
        { title: 'own time A', align: 'right' },
        ...CHANGE_COLUMNS.slice(1),
        { title: 'larger in B' },
      ],
      rows,
    ) + (left > 0 ? `${left} more kinds with --json\n` : '')
  );
}

function verdict(test: RankTest | NoTest): string {
  if (test.test === null) return '-';
  return `${percent(test.superiority)}, p ${test.p < 1e-6 ? '< 1e-6' : number(test.p)}`;
}

function latency({ latency: found }: TraceDiff): string[] {
  if (found === null) return [];
  const { test, paired } = found;
  const pairs =
    paired === null
      ? ''
      : ` Same requests: ${number(paired.slower)} slower in B, ${number(paired.faster)} faster, ${number(paired.same)} the same.`;
  return [
    `Latency: ${test.test === null ? `no test (${test.reason})` : `larger in B for ${verdict(test)} (Mann-Whitney U)`}.${pairs}`,
  ];
}

function safety({ hazards, exposure }: TraceDiff): string[] {
  const turned = hazards.filter(({ turn }) => turn !== 'same');
  const reach = exposure.flatMap(({ actor, reach: kinds }) =>
    Object.entries(kinds)
      .filter(([, { turn }]) => turn === 'appears' || turn === 'vanishes')
      .map(([kind, each]) => {
        const size = each.turn === 'appears' ? each.b : each.a;
        const text = kind === 'standingBytes' ? bytes(size ?? 0) : `${number(size ?? 0)} B·s`;
        return `${actor} ${kind} ${each.turn} (${text})`;
      }),
  );
  return [
    wrap(
      turned.length === 0
        ? 'Hazards: the same in both, or not checked.'
        : `Hazards: ${turned.map(({ code, name, occurrences: { a, b }, turn }) => `${code} ${name} ${turn} (${a ?? 'not checked'} → ${b ?? 'not checked'})`).join('; ')}.`,
    ),
    wrap(`Exposure: ${reach.length === 0 ? 'none appears or vanishes' : reach.join('; ')}.`),
  ];
}

function requests({ firstDivergence: first, mostChanged, alignment }: TraceDiff): string[] {
  if (alignment.by !== 'request') return [];
  const event = (side: DivergingEvent | null) =>
    side === null ? 'nothing more' : `${side.kind} (event ${side.event})`;
  return [
    wrap(
      first === null
        ? 'Every request goes through the same kinds of events in the same order.'
        : `They part in request ${first.request}, after ${first.position} events${first.after === null ? '' : ` (the last ${first.after})`}: A ${event(first.a)}, B ${event(first.b)}. ${number(first.otherSequence)} requests differ so, ${number(first.sameSequence)} do not.`,
    ),
    ...mostChanged
      .slice(0, REQUESTS)
      .map(
        ({ request, latencyNs, a, b }) =>
          `Request ${request}: ${duration(latencyNs.a ?? 0)} → ${duration(latencyNs.b ?? 0)} (waiting ${duration(a.waitingNs)} → ${duration(b.waitingNs)}).`,
      ),
  ];
}
