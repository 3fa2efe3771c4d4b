import { describe, expect, it } from 'vitest';
import { LabError } from '../contract/errors.ts';
import { parseScenario, type Scenario } from '../contract/index.ts';
import type { TraceInfo } from '../contract/methods/index.ts';
import { identify, prepareRun } from '../experiment/index.ts';
import { plain } from './blocks.ts';
import { markdownBlocks } from './markdown.ts';
import { documentOf, needsOf, parseReport, reportHtml, type ReportTrace } from './index.ts';

/** A trace of a real run, as a reader would describe it. */
function traced(ref: string, scenario: Partial<Scenario>): ReportTrace {
  const full = parseScenario({ requests: 300, ...scenario });
  const simulation = prepareRun(full, null);
  while (simulation.step(100_000)) {
    // Go on.
  }
  const result = simulation.finish();
  const info: TraceInfo = {
    id: ref,
    name: ref,
    kind: 'simulated',
    status: 'complete',
    tickPs: 1,
    firstTick: 0,
    lastTick: result.simulatedNs * 1000,
    events: result.events,
    requests: result.requests,
    tracks: [],
    kinds: [],
    counters: [],
    exposure: null,
    hazardsTotal: 0,
    provenance: {
      program: 'mapcopy 0',
      seed: String(full.seed),
      fingerprint: result.fingerprint,
      scenario_hash: identify(full).scenarioHash,
    },
    scenario: full,
    result,
    importCounts: null,
    part: null,
  };
  return { ref, info, hazards: [] };
}

const text = (markdown: string) => ({ kind: 'text', markdown });
const report = (...sections: unknown[]) => ({ format: 1, title: 'Map or copy', sections });
const html = (spec: object, traces: readonly ReportTrace[] = []) =>
  reportHtml(documentOf(parseReport(spec, 'r.json'), { traces, diffs: [] }), [], '');

describe('a specification is refused by name', () => {
  const wrong: [string, unknown, string][] = [
    ['no document', null, 'Object'],
    ['another version', { ...report(text('x')), format: 2 }, 'format'],
    ['no sections', report(), 'sections'],
    ['an unknown kind of section', report({ kind: 'video' }), 'sections.0.kind'],
    ['an unknown field', report({ kind: 'text', markdown: 'x', html: '' }), 'sections.0.html'],
    [
      'an unknown metric',
      report({ kind: 'results', traces: ['a'], metrics: ['speed'] }),
      'metrics',
    ],
  ];
  it.each(wrong)('%s', (_name, spec, says) => {
    expect(() => parseReport(spec, 'r.json')).toThrow(LabError);
    expect(() => parseReport(spec, 'r.json')).toThrow(says);
  });
});

it('names each trace and diff that it needs once', () => {
  const spec = parseReport(
    report(
      { kind: 'results', traces: ['a', 'b'] },
      { kind: 'hazards', trace: 'b' },
      { kind: 'diff', a: 'a', b: 'c' },
      { kind: 'diff', a: 'a', b: 'c' },
    ),
    'r.json',
  );
  expect(needsOf(spec)).toEqual({ traces: ['a', 'b', 'c'], diffs: [['a', 'c']] });
});

describe('text', () => {
  it('cannot bring markup, scripts or requests with it', () => {
    const page = html(
      report(
        text('<script>alert(1)</script> <img src=x onerror=alert(1)>'),
        text('[x](javascript:alert(1)) ![p](https://example.org/p.png) "quoted" & more'),
      ),
    );
    expect(page).not.toMatch(/<script|<img|href="javascript/);
    expect(page).toContain('&lt;script&gt;');
    expect(page).toContain('<a href="https://example.org/p.png" rel="noreferrer">p</a>');
    expect(page).toContain('&quot;quoted&quot; &amp; more');
  });

  it('keeps the structure of what was written', () => {
    const blocks = markdownBlocks(
      '# Why\n\nIt **is** `x`.  \nso\n\n- one\n  1. deep\n- two\n\n> said\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n```\ncode\n```\n\n---\n',
    );
    expect(blocks.map(({ kind }) => kind)).toEqual([
      'heading',
      'paragraph',
      'list',
      'quote',
      'table',
      'code',
      'rule',
    ]);
    const [heading, paragraph, list, , table] = blocks;
    expect(heading).toMatchObject({ level: 2 });
    expect(paragraph?.kind === 'paragraph' && plain(paragraph.children)).toBe('It is x. so');
    expect(list?.kind === 'list' && list.items.map((each) => each.length)).toEqual([2, 1]);
    expect(table).toMatchObject({ columns: [{ align: 'left' }, { align: 'right' }] });
  });
});

describe('a report on runs', () => {
  const map = traced('map', { strategy: 'grant-map' });
  const copy = traced('copy', { strategy: 'grant-copy' });
  const kvm = traced('kvm', { strategy: 'grant-copy', hypervisor: 'kvm-vhost' });
  const results = (...traces: string[]) => report({ kind: 'results', traces });

  it('shows exposure and hazards whatever metrics are asked for', () => {
    const page = html(report({ kind: 'results', traces: ['map', 'copy'], metrics: [] }), [
      map,
      copy,
    ]);
    expect(page).toContain('exposure beyond need');
    const hazards: Record<string, number | null> = map.info.result?.hazards ?? {};
    for (const [id, times] of Object.entries(hazards)) {
      if (times !== null && times > 0) expect(page).toContain(`${id} × `);
      if (times === null) expect(page).toMatch(new RegExp(`not checked: [^<]*${id}`));
    }
  });

  it('keeps the table of results narrow: what is of one cell stands on lines of its own', () => {
    const page = html(results('map', 'kvm'), [map, kvm]);
    expect(page).toContain('<td>kvm-vhost<br>');
    expect(page).not.toContain('<td class="w">');
  });

  it('says that it is simulated, of which seed, and on what the cost model rests', () => {
    const page = html(results('map'), [map]);
    expect(page).toContain('simulated');
    expect(page).toContain(map.info.result?.fingerprint);
    expect(page).toContain(map.info.result?.scenarioHash);
    for (const hash of Object.values(map.info.result?.profiles ?? {})) expect(page).toContain(hash);
    expect(page).not.toContain('other numbers');
  });

  it('does not vouch for the numbers of a profile that is not a shipped one', () => {
    const result = map.info.result;
    if (result === null) throw new Error('a run has a result');
    const own = {
      ...map,
      info: { ...map.info, result: { ...result, profiles: { 'xeon-2020': 'beef' } } },
    };
    expect(html(results('map'), [own])).toContain('other numbers');
  });

  it('marks hypothetical pairs and says why', () => {
    const page = html(results('kvm'), [kvm]);
    expect(page).toContain('grant-copy †');
    expect(page).toContain(kvm.info.result?.pairReason);
  });

  it('ranks nothing across topologies: a table each, and a warning', () => {
    const native = traced('native', { strategy: 'iommu-strict', topology: 'native' });
    const page = html(results('map', 'native'), [map, native]);
    expect(page).toContain('Results, mediated');
    expect(page).toContain('Results, native');
    expect(page).toContain('different topologies');
  });

  it('is the same, byte for byte, when nothing has changed', () => {
    expect(html(results('map', 'copy'), [map, copy])).toBe(
      html(results('map', 'copy'), [map, copy]),
    );
    const again = traced('map', { strategy: 'grant-map' });
    expect(html(results('map'), [again])).toBe(html(results('map'), [map]));
  });

  it('holds fonts and charts, and allows itself no request', () => {
    const spec = parseReport(report({ kind: 'chart', chart: {}, caption: 'Cost' }), 'r.json');
    const page = reportHtml(
      documentOf(spec, { traces: [], diffs: [] }),
      [{ svg: '<svg id="chart"></svg>', words: 'Copy is cheaper.' }],
      '@font-face{font-family:Inter;src:url(data:font/woff2;base64,AAAA)}',
    );
    expect(page).toContain('<svg id="chart">');
    expect(page).toContain('aria-label="Copy is cheaper."');
    expect(page).toContain('data:font/woff2;base64,AAAA');
    expect(page).toContain("default-src 'none'");
    expect(page).not.toMatch(/src=|https?:/);
  });
});
