/** The lab as rooms see it: one place to call, which survives the loss of the lab process. */
import { createContext } from 'svelte';
import {
  LabError,
  toErrorData,
  type ArgsInput,
  type CallOptions,
  type LabClient,
  type LabErrorData,
  type MethodName,
  type ResultOf,
} from '../../core/contract/index.ts';
import { connect } from '../host/connect.ts';
import type { Native } from '../host/types.ts';

const RETRY_MS = [200, 500, 1000, 2000, 5000];

export class Lab {
  state = $state<'connecting' | 'ready' | 'lost' | 'failed'>('connecting');
  error = $state.raw<LabErrorData | null>(null);
  native = $state.raw<Native | null>(null);
  version = $state('');
  /** Grows with each connection: what depends on a living lab can start again. */
  generation = $state(0);
  #client: LabClient | null = null;

  async start(): Promise<void> {
    try {
      await this.#connect();
    } catch (thrown) {
      this.state = 'failed';
      this.error = toErrorData(thrown);
    }
  }

  async #connect(): Promise<void> {
    const { client, native } = await connect();
    this.#client = client;
    this.native = native;
    this.state = 'ready';
    this.error = null;
    this.generation += 1;
    void client.closed.then(() => this.#lost());
    void client.call('lab.about', {}).then(
      (about) => {
        this.version = about.version;
      },
      () => undefined,
    );
  }

  async #lost(): Promise<void> {
    this.state = 'lost';
    this.#client = null;
    for (let attempt = 0; this.state === 'lost'; attempt += 1) {
      const wait = RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)];
      await new Promise((resolve) => setTimeout(resolve, wait));
      try {
        await this.#connect();
      } catch (thrown) {
        this.error = toErrorData(thrown);
      }
    }
  }

  async call<M extends MethodName>(
    method: M,
    args: ArgsInput<M>,
    options?: CallOptions<M>,
  ): Promise<ResultOf<M>> {
    if (this.#client === null) {
      throw new LabError('HOST_LOST', 'the lab is not connected', '', 'wait until it is back');
    }
    return await this.#client.call(method, args, options);
  }
}

export const [useLab, provideLab] = createContext<Lab>();
