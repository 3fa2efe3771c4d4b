import type { LabOptions, Reach } from './handlers.ts';
import type { LabProcess } from './messages.ts';

/** At most so many starts within the period, so that a lab that cannot live does not eat the CPU. */
const STARTS_MAX = 3;
const PERIOD_MS = 60_000;
/** Longest that a lab may take to finish its recordings when the host ends. */
const FINISH_MS = 60_000;

/** Clock and timers of a keeper; tests give their own. */
export interface KeeperClock {
  now(): number;
  later(action: () => void, ms: number): void;
}

const realClock: KeeperClock = {
  now: () => performance.now(),
  later: (action, ms) => {
    setTimeout(action, ms).unref();
  },
};

interface Client<Handle> {
  readonly reach: Reach;
  readonly port: Handle;
  /** The lab that it was given to. */
  lab: LabProcess<Handle> | undefined;
}

/** Keeps one lab process alive for a host. */
export class LabKeeper<Handle> {
  readonly #spawn: () => LabProcess<Handle>;
  readonly #options: LabOptions;
  readonly #clock: KeeperClock;
  readonly #starts: number[] = [];
  #lab: LabProcess<Handle> | undefined;
  /** False from the first sign that the lab is dying until the next one has started. */
  #alive = false;
  /** Clients that came while there was no lab. */
  readonly #waiting: Client<Handle>[] = [];
  #finished: Promise<void> | undefined;
  #whenGone: (() => void) | undefined;

  constructor(
    spawn: () => LabProcess<Handle>,
    options: LabOptions,
    clock: KeeperClock = realClock,
  ) {
    this.#spawn = spawn;
    this.#options = options;
    this.#clock = clock;
    this.#start();
  }

  /**
   * Gives the lab a client. When the lab ends, its ports close with it, and the client connects
   * again; until there is a lab again the port waits.
   * @returns to be called when the port closes from the lab's side. A lab never closes a port but by
   *   dying, and its ports close before its end is known: a client that is quick to connect again
   *   must not be given to it.
   */
  connect(reach: Reach, port: Handle): () => void {
    const client: Client<Handle> = { reach, port, lab: undefined };
    if (this.#alive) this.#introduce(client);
    else this.#waiting.push(client);
    return () => {
      if (client.lab === undefined || client.lab !== this.#lab) return;
      this.#alive = false;
      client.lab.kill();
    };
  }

  /** Ends the lab; resolves when its recordings are whole and it has gone. */
  finish(reason: string): Promise<void> {
    this.#finished ??= new Promise((resolve) => {
      const lab = this.#lab;
      if (lab === undefined) {
        resolve();
        return;
      }
      this.#whenGone = resolve;
      lab.send({ type: 'finish', reason });
      this.#clock.later(() => lab.kill(), FINISH_MS);
    });
    return this.#finished;
  }

  #start(): void {
    const now = this.#clock.now();
    while (this.#starts[0] !== undefined && now - this.#starts[0] >= PERIOD_MS) {
      this.#starts.shift();
    }
    if (this.#starts.length >= STARTS_MAX) {
      const wait = PERIOD_MS - (now - (this.#starts[0] as number));
      this.#clock.later(() => this.#start(), wait);
      return;
    }
    if (this.#finished !== undefined) return;
    this.#starts.push(now);
    const lab = this.#spawn();
    this.#lab = lab;
    lab.onExit(() => this.#gone(lab));
    lab.send({ type: 'start', options: this.#options });
    this.#alive = true;
    for (const client of this.#waiting.splice(0)) this.#introduce(client);
  }

  #introduce(client: Client<Handle>): void {
    client.lab = this.#lab;
    client.lab?.send({ type: 'client', reach: client.reach }, client.port);
  }

  #gone(lab: LabProcess<Handle>): void {
    if (this.#lab !== lab) return;
    this.#lab = undefined;
    this.#alive = false;
    if (this.#finished !== undefined) this.#whenGone?.();
    else this.#start();
  }
}
