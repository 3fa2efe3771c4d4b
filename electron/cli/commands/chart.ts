import path from 'node:path';
import { FIGURE_FORMATS, type FigureFormat } from '../../../core/contract/index.ts';
import { chartJsonSchema, parseChartSpec } from '../../../core/figures/chart/spec.ts';
import { detailsOf } from '../../../core/figures/chart/rows.ts';
import type { Command } from '../command.ts';
import type { Io } from '../io.ts';
import { readObject } from '../json-file.ts';
import { oneFile } from '../one-file.ts';
import { JSON_OPTION, usage, type Arguments } from '../options.ts';
import { stoppable } from '../stoppable.ts';
import { writeOut } from '../write-out.ts';

const SCALES = ['1', '2', '4'];

/** `mapcopy chart`. */
export const chartCommand: Command = {
  name: 'chart',
  summary: 'Draw a chart from a description, with its numbers and what they rest on.',
  synopsis: 'SPEC.json --out FILE.(svg|png|csv|pdf)',
  options: {
    out: { value: 'FILE', doc: 'File to write; its ending says what: .svg, .png, .csv or .pdf.' },
    scale: { value: 'N', doc: 'Of a PNG: 1, 2 (when left out) or 4 dots for each pixel.' },
    schema: { doc: 'Print the JSON schema of a chart, and draw nothing.' },
    ...JSON_OPTION,
  },
  notes: [
    'A chart says what it is about and how it is drawn; everything but chart and source has a default:\n  {"chart": "crossover", "source": {"kind": "sweep", "database": "study"},\n   "where": {"soc": "cortex-a72"}, "group": "payloadBytes", "size": "single"}\n  {"chart": "cdf", "source": {"kind": "traces", "traces": ["map.mctrace", "copy.mctrace"]}}\n  {"chart": "stacked", "source": {"kind": "scenarios",\n   "scenarios": [{"strategy": "grant-map"}, {"strategy": "grant-copy"}]}}',
    '"panels" makes a small chart for each value of an axis, as hypervisor or soc; "ratio" puts beside bars\nwhat each is over the baseline: {"chart": "bars", "group": "payloadBytes", "split": "strategy",\n "panels": "soc", "ratio": true, "baseline": "grant-copy", ...}',
    'Files are named relative to the document; user/NAME.mctrace and sample/NAME.mctrace are traces\nof the library. Runs that differ in nothing but their seed are one bar or point, with an interval.',
    'Every file carries its description, and says in words that it is simulated. The same runs give\nthe same SVG and CSV, byte for byte. A PDF needs a Chromium (MAPCOPY_CHROMIUM names one).',
    'Examples:\n  mapcopy chart cost.json --out cost.svg\n  mapcopy chart cost.json --out cost.png --scale 4\n  mapcopy chart --schema > chart.schema.json',
  ],
  async run(args, io) {
    if (args.has('schema')) {
      io.out(`${JSON.stringify(chartJsonSchema(), null, 2)}\n`);
      return 0;
    }
    const file = oneFile('chart', args.positionals);
    const { out, format } = outputOf(args);
    const scale = scaleOf(args, format);
    const spec = parseChartSpec(readObject(file, 'chart', 'BAD_CHART'), file);
    const [{ placesBeside }, { readRows }, { figureFile }, { chartModel }] = await Promise.all([
      import('../../figures/places.ts'),
      import('../../figures/read-rows.ts'),
      import('../../figures/write.ts'),
      import('../../../core/figures/models/index.ts'),
    ]);
    const model = await stoppable(io, async (signal) => {
      const rows = await readRows(spec.source, {
        places: placesBeside(spec.source, path.dirname(file)),
        details: detailsOf(spec),
        onProgress: (done, total) => io.progress(`${Math.floor((100 * done) / total)} %`),
        signal,
      });
      return chartModel(spec, rows);
    });
    writeOut(out, await figureFile(model, format, scale));
    print(out, model.sentence, args, io);
    return 0;
  },
};

function print(file: string, sentence: string, args: Arguments, io: Io): void {
  io.out(args.has('json') ? `${JSON.stringify({ file }, null, 2)}\n` : `${file}\n${sentence}\n`);
}

function outputOf(args: Arguments): { readonly out: string; readonly format: FigureFormat } {
  const out = args.get('out');
  const remedy = `add --out FILE with .${FIGURE_FORMATS.join(', .')}`;
  if (out === undefined || out === '') throw usage('no file to write is named', 'chart', remedy);
  const format = FIGURE_FORMATS.find((each) => out.toLowerCase().endsWith(`.${each}`));
  if (format === undefined)
    throw usage('the file’s ending says no format', `chart --out ${out}`, remedy);
  return { out, format };
}

function scaleOf(args: Arguments, format: FigureFormat): number {
  const given = args.get('scale');
  if (given === undefined) return 2;
  if (format !== 'png') throw usage('only a PNG has a scale', 'chart --scale', 'leave it out');
  if (SCALES.includes(given)) return Number(given);
  throw usage(`${JSON.stringify(given)} is no scale`, 'chart --scale', `use ${SCALES.join(', ')}`);
}
