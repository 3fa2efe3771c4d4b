import { statSync } from 'node:fs';
import type { CallContext, LabHandlers } from '../../../core/contract/index.ts';
import type { TraceDiff } from '../../../core/diff/index.ts';
import type { LabContext } from './context.ts';

/** Values kept; each is at most a few hundred kilobytes. */
const KEPT = 16;

/** Comparisons. A value is kept as long as neither file changes. */
export function diffHandlers({ library, parts, until }: LabContext): Pick<LabHandlers, 'diff.run'> {
  const known = new Map<string, TraceDiff>();
  return {
    'diff.run': async ({ a, b }, context: CallContext<'diff.run'>) => {
      const [inA, inB] = [library.entry(a), library.entry(b)];
      const key = `${identityOf(inA.file)} ${identityOf(inB.file)}`;
      const found = known.get(key);
      if (found !== undefined) return found;
      const total = inA.events + inB.events;
      const result = await parts.compare({
        a: { file: inA.file, name: a },
        b: { file: inB.file, name: b },
        onProgress: (done) => context.progress({ done, total }),
        signal: until(context.signal),
      });
      known.set(key, result);
      const [oldest] = known.keys();
      if (known.size > KEPT && oldest !== undefined) known.delete(oldest);
      return result;
    },
  };
}

/** Changes when the file is replaced or written to. */
function identityOf(file: string): string {
  const { dev, ino, size, mtimeMs } = statSync(file);
  return JSON.stringify([file, dev, ino, size, mtimeMs]);
}
