import type { Command } from '../command.ts';
import { JSON_OPTION } from '../options.ts';
import { oneFile } from '../one-file.ts';
import { pairs } from '../text.ts';

/** `mapcopy info FILE`. */
export const info: Command = {
  name: 'info',
  summary: 'Say what a trace file holds and where it comes from.',
  synopsis: 'FILE [--json]',
  options: JSON_OPTION,
  notes: ['The file is opened read-only.', 'Example:\n  mapcopy info copy.mctrace --json'],
  async run(args, io) {
    const file = oneFile('info', args.positionals);
    const { realParts } = await import('../../lab/real-parts.ts');
    const reader = realParts.traces.openTrace(file);
    try {
      const description = reader.describe(file);
      io.out(
        args.has('json')
          ? `${JSON.stringify(description, null, 2)}\n`
          : pairs(flatten(description)),
      );
      return 0;
    } finally {
      reader.close();
    }
  },
};

/** Nested objects as `outer.inner` rows; documents inside stay JSON. */
function flatten(document: object, prefix = ''): [string, string][] {
  return Object.entries(document).flatMap(([key, value]: [string, unknown]) => {
    const label = `${prefix}${key}`;
    if (value === null || value === undefined) return [];
    if (Array.isArray(value)) return [[label, `${value.length} in all`] as [string, string]];
    if (typeof value === 'object') return flatten(value, `${label}.`);
    return [
      [label, short(typeof value === 'string' ? value : JSON.stringify(value))] as [string, string],
    ];
  });
}

function short(text: string): string {
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}
