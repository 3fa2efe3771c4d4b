import type { Io } from './io.ts';
import type { Arguments } from './options.ts';
import { number, pairs } from './text.ts';

/** What a command that writes a trace or an export says of it. */
export function printFile(
  io: Io,
  args: Arguments,
  done: { readonly file: string; readonly events: number },
): void {
  io.out(
    args.has('json')
      ? `${JSON.stringify(done)}\n`
      : pairs([
          ['File', done.file],
          ['Events', number(done.events)],
        ]),
  );
}
