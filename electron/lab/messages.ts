/** What a host and its lab process say to each other. The contract's calls go over ports. */
import type { QueryJob } from '../../traces/query/query.ts';
import type { QueryReply } from '../../traces/query/reply.ts';
import type { LabOptions, Reach } from './handlers.ts';

export type HostMessage =
  /** First, once. */
  | { readonly type: 'start'; readonly options: LabOptions }
  /** A new client; its port comes with the message. */
  | { readonly type: 'client'; readonly reach: Reach }
  /** End recordings properly and exit. */
  | { readonly type: 'finish'; readonly reason: string }
  /** Of the process of a query that the lab asked for. */
  | { readonly type: 'query-reply'; readonly id: number; readonly reply: QueryReply }
  | { readonly type: 'query-exit'; readonly id: number; readonly how: string };

/** What a lab asks of its host, where it cannot start processes itself. */
export type LabMessage =
  | { readonly type: 'query'; readonly id: number; readonly job: QueryJob }
  | { readonly type: 'end-query'; readonly id: number };

/** The host's hold on a lab process, whatever it runs in. `Handle` is a transferable port. */
export interface LabProcess<Handle> {
  send(message: HostMessage, port?: Handle): void;
  /** Calls back once, when the process has ended. */
  onExit(listener: (code: number) => void): void;
  kill(): void;
}
