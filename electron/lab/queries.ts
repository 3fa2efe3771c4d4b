import type { QueryListener, StartProcess } from '../../traces/query/start.ts';
import type { HostMessage, LabMessage } from './messages.ts';

/**
 * Queries of a lab in Electron: a process there may not start another (the fuse that would allow it is
 * off), so the host does.
 */
export class HostedQueries {
  readonly #tell: (message: LabMessage) => void;
  readonly #listeners = new Map<number, QueryListener>();
  #last = 0;

  constructor(tell: (message: LabMessage) => void) {
    this.#tell = tell;
  }

  readonly start: StartProcess = (job, listener) => {
    const id = ++this.#last;
    this.#listeners.set(id, listener);
    this.#tell({ type: 'query', id, job });
    return { kill: () => this.#tell({ type: 'end-query', id }) };
  };

  receive(message: Extract<HostMessage, { type: 'query-reply' | 'query-exit' }>): void {
    const listener = this.#listeners.get(message.id);
    if (message.type === 'query-reply') listener?.onReply(message.reply);
    else {
      this.#listeners.delete(message.id);
      listener?.onExit(message.how);
    }
  }
}
