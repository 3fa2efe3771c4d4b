/**
 * The lab process: the same file runs in an Electron utility process and in a worker thread. It
 * owns all simulation and all SQLite work, and is disposable: a host may kill it at any time and
 * start another.
 */
import { parentPort, type MessagePort as NodePort } from 'node:worker_threads';
import { serve, type Port } from '../../core/contract/index.ts';
import { createLab, type Lab } from './handlers.ts';
import type { HostMessage } from './messages.ts';
import { portOverElectron, portOverNode, type ElectronPort } from './ports.ts';
import { realParts } from './real-parts.ts';
import { sqliteVersion } from './sqlite-version.ts';

/** `process.parentPort` of a utility process. */
interface UtilityParent {
  on(
    event: 'message',
    listener: (event: { data: HostMessage; ports: ElectronPort[] }) => void,
  ): unknown;
}

let lab: Lab | undefined;

function receive(message: HostMessage, port: Port | undefined): void {
  if (message.type === 'start') {
    lab = createLab({ ...message.options, sqlite: sqliteVersion() }, realParts);
    lab.library.recover();
  } else if (message.type === 'client' && lab !== undefined && port !== undefined) {
    serve(port, lab.handlers(message.reach));
  } else if (message.type === 'finish') {
    void Promise.resolve(lab?.finish(message.reason)).finally(() => process.exit(0));
  }
}

const utility = (process as { parentPort?: UtilityParent }).parentPort;
if (utility !== undefined) {
  utility.on('message', ({ data, ports: [port] }) =>
    receive(data, port === undefined ? undefined : portOverElectron(port)),
  );
} else if (parentPort !== null) {
  parentPort.on('message', ({ port, ...message }: HostMessage & { port?: NodePort }) =>
    receive(message, port === undefined ? undefined : portOverNode(port)),
  );
}

// Electron only warns of these. A lab in an unknown state must end, so that its host starts another.
process.on('unhandledRejection', (error) => {
  console.error('The lab process ends because of an unexpected error:', error);
  process.exit(1);
});
