import type { MessagePortMain } from 'electron';
import type { LabProcess } from '../lab/messages.ts';
import type { ElectronApi, LabChild } from './electron-api.ts';

/** Variables that would change how a child process runs its code. */
const DANGEROUS = new Set(['NODE_OPTIONS', 'ELECTRON_RUN_AS_NODE', 'NODE_EXTRA_CA_CERTS']);

/** Environment of the lab process: ours, without what could inject code. */
export function labEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && !DANGEROUS.has(entry[0]),
    ),
  );
}

/**
 * Starts the lab in a utility process.
 *
 * @param serve takes the questions of the lab to its host
 */
export function forkLab(
  utilityProcess: ElectronApi['utilityProcess'],
  entry: string,
  serve: (child: LabChild) => void,
): LabProcess<MessagePortMain> {
  const child = utilityProcess.fork(entry, [], {
    serviceName: 'Mapcopy lab',
    env: labEnvironment(process.env),
    stdio: 'inherit',
  });
  serve(child);
  return {
    send: (message, port) => child.postMessage(message, port === undefined ? [] : [port]),
    onExit: (listener) => child.once('exit', listener),
    kill: () => void child.kill(),
  };
}
