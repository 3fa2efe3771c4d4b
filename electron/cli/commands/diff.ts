import { diff } from '../../../core/diff/index.ts';
import type { Command } from '../command.ts';
import { diffText } from '../diff-text.ts';
import { JSON_OPTION, usage, type Arguments } from '../options.ts';

const MOST = '10';

/** `mapcopy diff A B`. */
export const diffCommand: Command = {
  name: 'diff',
  summary: 'Say what differs between two traces, and who pays for it.',
  synopsis: 'A B [--most N] [--json]',
  options: {
    most: { value: 'N', doc: `Requests that changed most to name; ${MOST} when left out.` },
    ...JSON_OPTION,
  },
  notes: [
    'Traces of one workload (the same scenario but for strategy, hypervisor, SoC, cost model and the\nsettings of strategies) are compared request by request; others by kind and distribution.',
    'Each moment of a request from submission to completion goes to one payer: work on the request\nitself, else work on a batch that it is part of (to its end), else waiting. Where several work at\na time the deepest has the moment: IOMMU, device, engine, hypervisor, VMM, backend, frontend.',
    'Significance is a Mann-Whitney U test; "larger in B" is the chance that a value of B exceeds one\nof A. Both files are opened read-only. A difference is no error: the exit status is 0.',
    'Examples:\n  mapcopy diff map.mctrace copy.mctrace\n  mapcopy diff map.mctrace copy.mctrace --json > map-copy.json',
  ],
  async run(args, io) {
    const [fileA, fileB] = twoFiles(args);
    const most = mostOf(args);
    const { openTrace } = await import('../../../traces/index.ts');
    const a = openTrace(fileA);
    try {
      const b = openTrace(fileB);
      try {
        const found = diff(
          a.subject(fileA),
          b.subject(fileB),
          (request) => [a.sequence(request), b.sequence(request)],
          most,
        );
        io.out(args.has('json') ? `${JSON.stringify(found, null, 2)}\n` : diffText(found));
        return 0;
      } finally {
        b.close();
      }
    } finally {
      a.close();
    }
  },
};

function twoFiles({ positionals }: Arguments): [string, string] {
  const [a = '', b = '', extra] = positionals;
  const remedy = 'write mapcopy diff A.mctrace B.mctrace';
  if (a === '' || b === '') throw usage('two traces are needed', 'diff', remedy);
  if (extra !== undefined) {
    throw usage('there is one argument too many', `diff ${extra}`, remedy);
  }
  return [a, b];
}

function mostOf(args: Arguments): number {
  const text = args.get('most') ?? MOST;
  if (/^\d{1,6}$/.test(text)) return Number(text);
  const what = `${JSON.stringify(text)} is not a whole number`;
  throw usage(what, 'diff --most', `write --most ${MOST}`);
}
