/**
 * The lab process: the same file runs in an Electron utility process and in a worker thread. It
 * owns all simulation and all SQLite work, and is disposable: a host may kill it at any time and
 * start another.
 */
import { parentPort, type MessagePort as NodePort } from 'node:worker_threads';
import { serve, type Port } from '../../core/contract/index.ts';
import { startQuery } from '../../traces/index.ts';
import { createLab, type Lab } from './handlers.ts';
import type { HostMessage, LabMessage } from './messages.ts';
import { portOverElectron, portOverNode, type ElectronPort } from './ports.ts';
import type { LabParts } from './parts.ts';
import { HostedQueries } from './queries.ts';
import { realParts } from './real-parts.ts';
import { sqliteVersion } from './sqlite-version.ts';

/** `process.parentPort` of a utility process. */
interface UtilityParent {
  on(
    event: 'message',
    listener: (event: { data: HostMessage; ports: ElectronPort[] }) => void,
  ): unknown;
  postMessage(message: LabMessage): void;
}

const utility = (process as { parentPort?: UtilityParent }).parentPort;
const hosted =
  utility === undefined ? undefined : new HostedQueries((message) => utility.postMessage(message));
let lab: Lab | undefined;

function partsHere(): LabParts {
  if (hosted === undefined) return realParts;
  const { traces } = realParts;
  return {
    ...realParts,
    traces: { ...traces, startQuery: (job, signal) => startQuery(job, signal, hosted.start) },
  };
}

function receive(message: HostMessage, port: Port | undefined): void {
  if (message.type === 'start') {
    lab = createLab({ ...message.options, sqlite: sqliteVersion() }, partsHere());
    lab.library.recover();
  } else if (message.type === 'client' && lab !== undefined && port !== undefined) {
    serve(port, lab.handlers(message.reach));
  } else if (message.type === 'finish') {
    void Promise.resolve(lab?.finish(message.reason)).finally(() => process.exit(0));
  } else if (message.type === 'query-reply' || message.type === 'query-exit') {
    hosted?.receive(message);
  }
}

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
