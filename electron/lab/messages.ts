/** What a host and its lab process say to each other. The contract's calls go over ports. */
import type { LabOptions, Reach } from './handlers.ts';

export type HostMessage =
  /** First, once. */
  | { readonly type: 'start'; readonly options: LabOptions }
  /** A new client; its port comes with the message. */
  | { readonly type: 'client'; readonly reach: Reach }
  /** End recordings properly and exit. */
  | { readonly type: 'finish'; readonly reason: string };

/** The host's hold on a lab process, whatever it runs in. `Handle` is a transferable port. */
export interface LabProcess<Handle> {
  send(message: HostMessage, port?: Handle): void;
  /** Calls back once, when the process has ended. */
  onExit(listener: (code: number) => void): void;
  kill(): void;
}
