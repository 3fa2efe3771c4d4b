import type { Command } from '../command.ts';
import { usage, type Arguments, type OptionSpecs } from '../options.ts';

export const serveOptions: OptionSpecs = {
  port: { value: 'N', doc: 'Port on 127.0.0.1; any free one by default.' },
  'no-open': { doc: 'Print the address without opening a browser.' },
};

/** The port that was asked for, 0 for any. */
export function portOf(args: Arguments): number {
  const text = args.get('port');
  if (text === undefined) return 0;
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw usage(
    `${JSON.stringify(text)} is not a port`,
    '--port',
    'give a number from 0 to 65535; 0 takes any that is free',
  );
}

/** `mapcopy serve`. */
export const serve: Command = {
  name: 'serve',
  summary: 'Serve the lab to a browser on this machine.',
  synopsis: '[--port N] [--no-open]',
  options: serveOptions,
  notes: [
    'It listens on 127.0.0.1 only. The address that it prints works once; the tab that opened it\nstays connected. From another machine, forward the port: ssh -L 8080:127.0.0.1:8080 HOST.',
    'Example:\n  mapcopy serve --port 8080 --no-open',
  ],
  async run(args, io) {
    const [extra] = args.positionals;
    if (extra !== undefined) {
      throw usage('there is one argument too many', `serve ${extra}`, 'give options only');
    }
    const port = portOf(args);
    const { serveBrowser } = await import('../../launch/browser.ts');
    await serveBrowser({ port, open: !args.has('no-open'), ...io });
    return 0;
  },
};
