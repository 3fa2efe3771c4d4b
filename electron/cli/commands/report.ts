import path from 'node:path';
import { parseReport, reportJsonSchema } from '../../../core/report/index.ts';
import { REPORT_FORMATS } from '../../report/formats.ts';
import { reportJob } from '../../report/needs.ts';
import type { Command } from '../command.ts';
import { readObject } from '../json-file.ts';
import { oneFile } from '../one-file.ts';
import { JSON_OPTION, usage } from '../options.ts';
import { stoppable } from '../stoppable.ts';
import { writeOut } from '../write-out.ts';

/** `mapcopy report`. */
export const reportCommand: Command = {
  name: 'report',
  summary: 'Write a report: text, results, charts, diffs and hazards, with method and provenance.',
  synopsis: 'SPEC.json --out FILE.(html|pdf)',
  options: {
    out: { value: 'FILE', doc: 'File to write; its ending says what: .html or .pdf.' },
    schema: { doc: 'Print the JSON schema of a report, and write nothing.' },
    ...JSON_OPTION,
  },
  notes: [
    'A report has a title and sections:\n  {"format": 1, "title": "Map or copy", "sections": [\n   {"kind": "text", "markdown": "# Question\\n..."},\n   {"kind": "results", "traces": ["map.mctrace", "copy.mctrace"]},\n   {"kind": "chart", "chart": {"chart": "cdf", "source": {"kind": "traces",\n    "traces": ["map.mctrace", "copy.mctrace"]}}},\n   {"kind": "diff", "a": "map.mctrace", "b": "copy.mctrace"},\n   {"kind": "hazards", "trace": "map.mctrace"}]}',
    'Files are named relative to the document; user/NAME.mctrace and sample/NAME.mctrace are traces\nof the library. The lab adds how the figures came about and of which traces they are.',
    'The HTML needs nothing else: no script, no request, fonts and charts inside. The same traces give\nthe same bytes; record a trace again and write the report again to bring it up to date. A PDF\nneeds a Chromium (MAPCOPY_CHROMIUM names one).',
    'Examples:\n  mapcopy report board.json --out board.html\n  mapcopy report --schema > report.schema.json',
  ],
  async run(args, io) {
    if (args.has('schema')) {
      io.out(`${JSON.stringify(reportJsonSchema(), null, 2)}\n`);
      return 0;
    }
    const file = oneFile('report', args.positionals);
    const out = args.get('out') ?? '';
    const format = REPORT_FORMATS.find((each) => out.toLowerCase().endsWith(`.${each}`));
    if (format === undefined) {
      const what = out === '' ? 'no file to write is named' : 'the file’s ending says no format';
      throw usage(what, `report --out ${out}`.trim(), 'add --out FILE.html or --out FILE.pdf');
    }
    const spec = parseReport(readObject(file, 'report', 'BAD_ARGUMENT'), file);
    const [{ sweepBeside, traceBeside }, { buildReport }] = await Promise.all([
      import('../../figures/places.ts'),
      import('../../report/build.ts'),
    ]);
    const folder = path.dirname(file);
    const job = reportJob(spec, file, {
      trace: (ref) => ({ file: traceBeside(ref, folder), name: null }),
      sweep: (ref) => sweepBeside(ref, folder),
    });
    const bytes = await stoppable(io, (signal) =>
      buildReport(job, format, {
        onProgress: (done, total) => io.progress(`${done} of ${total}`),
        signal,
      }),
    );
    writeOut(out, bytes);
    io.out(args.has('json') ? `${JSON.stringify({ file: out }, null, 2)}\n` : `${out}\n`);
    return 0;
  },
};
