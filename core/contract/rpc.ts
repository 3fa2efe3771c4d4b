/**
 * Calls over a port. A `Port` is the only thing a transport has to provide: a MessagePort in the
 * desktop app, a WebSocket for the browser host, a pair of functions in tests.
 *
 * - `serve(port, handlers)` checks arguments against the method table and answers.
 * - `createClient(port)` makes calls; when the port closes, every pending call is rejected with
 *   `HOST_LOST`, so that nothing waits for an answer that cannot come.
 */
import * as v from 'valibot';
import { LabError, toErrorData, type LabErrorData } from './errors.ts';
import {
  METHODS,
  type ArgsInput,
  type LabHandlers,
  type MethodName,
  type ProgressOf,
  type ResultOf,
} from './methods/index.ts';

/** A two-way pipe for plain (JSON-like) messages. */
export interface Port {
  post(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  onClose(listener: () => void): void;
  close(): void;
}

const MessageSchema = v.variant('type', [
  v.object({ type: v.literal('call'), id: v.number(), method: v.string(), args: v.unknown() }),
  v.object({ type: v.literal('cancel'), id: v.number() }),
  v.object({ type: v.literal('progress'), id: v.number(), progress: v.unknown() }),
  v.object({ type: v.literal('reply'), id: v.number(), result: v.unknown() }),
  v.object({
    type: v.literal('error'),
    id: v.number(),
    error: v.object({
      code: v.string(),
      what: v.string(),
      where: v.string(),
      remedy: v.string(),
    }),
  }),
]);
export type RpcMessage = v.InferOutput<typeof MessageSchema>;

function parse(message: unknown): RpcMessage | undefined {
  const outcome = v.safeParse(MessageSchema, message);
  return outcome.success ? outcome.output : undefined;
}

export interface CallOptions<M extends MethodName> {
  readonly onProgress?: (progress: ProgressOf<M>) => void;
  /** Aborting asks the lab to stop; the call then ends as the method says, usually CANCELLED. */
  readonly signal?: AbortSignal;
}

/** The caller's side. */
export interface LabClient {
  call<M extends MethodName>(
    method: M,
    args: ArgsInput<M>,
    options?: CallOptions<M>,
  ): Promise<ResultOf<M>>;
  /** Resolves when the port has closed. */
  readonly closed: Promise<void>;
  close(): void;
}

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: LabError) => void;
  readonly progress: ((progress: unknown) => void) | undefined;
}

/** Makes calls over `port`. */
export function createClient(port: Port): LabClient {
  const pending = new Map<number, Pending>();
  let nextId = 1;
  let lost = false;
  const hostLost = () =>
    new LabError('HOST_LOST', 'the lab process ended', '', 'start the run or the query again');

  port.onMessage((raw) => {
    const message = parse(raw);
    if (message === undefined) return;
    const call = pending.get(message.id);
    if (call === undefined) return;
    if (message.type === 'progress') call.progress?.(message.progress);
    if (message.type === 'reply' || message.type === 'error') pending.delete(message.id);
    if (message.type === 'reply') call.resolve(message.result);
    if (message.type === 'error') call.reject(LabError.from(message.error as LabErrorData));
  });
  const closed = new Promise<void>((resolve) => {
    port.onClose(() => {
      lost = true;
      for (const call of pending.values()) call.reject(hostLost());
      pending.clear();
      resolve();
    });
  });

  return {
    closed,
    close: () => port.close(),
    call(method, args, options = {}) {
      return new Promise((resolve, reject) => {
        if (lost) {
          reject(hostLost());
          return;
        }
        const id = nextId++;
        pending.set(id, {
          resolve: resolve as (result: unknown) => void,
          reject,
          progress: options.onProgress as ((progress: unknown) => void) | undefined,
        });
        port.post({ type: 'call', id, method, args } satisfies RpcMessage);
        const cancel = () => {
          if (pending.has(id)) port.post({ type: 'cancel', id } satisfies RpcMessage);
        };
        if (options.signal?.aborted === true) cancel();
        else options.signal?.addEventListener('abort', cancel, { once: true });
      });
    },
  };
}

/**
 * Answers calls that arrive on `port`. When the port closes, the signal of every running call
 * fires, so that work nobody waits for ends.
 */
export function serve(port: Port, handlers: LabHandlers): void {
  const running = new Map<number, AbortController>();
  let open = true;
  const send = (message: RpcMessage) => {
    if (open) port.post(message);
  };
  port.onClose(() => {
    open = false;
    for (const controller of running.values()) controller.abort();
  });
  port.onMessage((raw) => {
    const message = parse(raw);
    if (message?.type === 'cancel') running.get(message.id)?.abort();
    if (message?.type !== 'call') return;
    const controller = new AbortController();
    running.set(message.id, controller);
    void answer(message.method, message.args, handlers, controller.signal, (progress) =>
      send({ type: 'progress', id: message.id, progress }),
    )
      .then((result) => send({ type: 'reply', id: message.id, result }))
      .catch((thrown: unknown) =>
        send({ type: 'error', id: message.id, error: { ...toErrorData(thrown) } }),
      )
      .finally(() => running.delete(message.id));
  });
}

async function answer(
  name: string,
  args: unknown,
  handlers: LabHandlers,
  signal: AbortSignal,
  progress: (progress: unknown) => void,
): Promise<unknown> {
  if (!Object.hasOwn(METHODS, name)) {
    throw new LabError('BAD_USAGE', `unknown method ${JSON.stringify(name)}`, '', 'reload the lab');
  }
  const checked = v.safeParse(METHODS[name as MethodName].args, args);
  if (!checked.success) {
    const issue = checked.issues[0];
    throw new LabError(
      'BAD_ARGUMENT',
      issue.message,
      `${name}: ${v.getDotPath(issue) ?? 'arguments'}`,
      'see core/contract/methods/index.ts',
    );
  }
  // The table guarantees that arguments, context and handler belong together; the compiler cannot
  // follow that through a name known only at run time.
  const handler = handlers[name as MethodName] as (args: unknown, context: unknown) => unknown;
  return await handler(checked.output, { progress, signal });
}

/** Two connected ports in one thread, for tests and for hosts that need no boundary. */
export function portPair(): [Port, Port] {
  const make = () => {
    const messages: ((message: unknown) => void)[] = [];
    const closes: (() => void)[] = [];
    return { messages, closes };
  };
  const a = make();
  const b = make();
  let open = true;
  const close = () => {
    if (!open) return;
    open = false;
    for (const listener of [...a.closes, ...b.closes]) listener();
  };
  const port = (own: typeof a, other: typeof a): Port => ({
    post: (message) => {
      const copy = structuredClone(message);
      queueMicrotask(() => {
        if (open) for (const listener of other.messages) listener(copy);
      });
    },
    onMessage: (listener) => own.messages.push(listener),
    onClose: (listener) => own.closes.push(listener),
    close,
  });
  return [port(a, b), port(b, a)];
}
