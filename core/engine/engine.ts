/**
 * The clock and the processes that live by it.
 *
 * A process is a generator. It yields how many picoseconds to let pass, or `BLOCK` after it has left
 * its number with something that will `wake` it. Code that takes time therefore reads from top to
 * bottom, like the driver code it stands for.
 */
import { assert, exists } from '../base/assert.ts';
import { EventQueue } from './queue.ts';

/** What a process yields: a duration in picoseconds, or `BLOCK`. */
export type Process = Generator<number, void, void>;
/** Part of a process, for `yield*`. */
export type Steps<T = void> = Generator<number, T, void>;

/** Yielded by a process that waits to be woken. */
export const BLOCK = -1;

/**
 * `next` of all generators. Each kind of process has a prototype of its own, so that looking `next` up
 * on one of them is a slow search every time.
 */
const resume = Reflect.get((function* (): Process {})(), 'next');

const TIME_LIMIT_PS = Number.MAX_SAFE_INTEGER;
/** Processes that may be held up at a time, one inside the other: each takes some of the stack. */
const HELD_MAX = 32;

export class Engine {
  /** Virtual time in picoseconds. Never goes back. */
  now = 0;
  /** Number of the process that is running. */
  current = -1;
  readonly #queue = new EventQueue();
  readonly #processes: (Process | undefined)[] = [];
  /** Numbers of processes that have returned, to be given again. */
  readonly #free: number[] = [];
  #live = 0;
  /** Resumptions left until `run` returns. */
  #left = 0;
  /** When a process goes on inside which the running one was resumed; Infinity when there is none. */
  #heldUntil = Infinity;
  /** How many there are. */
  #held = 0;
  #quiet: (() => boolean) | null = null;
  /** Has the run come to its end? Nothing runs any more then. */
  halted = false;

  /** Ends the run as soon as `quiet` holds after a process has come to rest. */
  haltWhen(quiet: () => boolean): void {
    this.#quiet = quiet;
  }

  /** Starts a process at the present instant, after all that is already due then. */
  spawn(process: Process): number {
    const id = this.#free.pop() ?? this.#processes.length;
    this.#processes[id] = process;
    this.#live++;
    this.#queue.push(this.now, id);
    return id;
  }

  /** Lets a blocked process go on at the present instant, or `delay` picoseconds later. */
  wake(process: number, delay = 0): void {
    this.#queue.push(this.now + delay, process);
  }

  /** Blocked processes are not live work: a run is over when nothing is due. */
  get idle(): boolean {
    return this.#queue.size === 0;
  }

  /** Processes that have not returned. */
  get live(): number {
    return this.#live;
  }

  /**
   * Lets `ps` picoseconds pass for the running process, without the way out of it and back that a yield
   * takes: what is due meanwhile runs inside. False when another that is held up so goes on before they
   * are over: then the process has to yield them. Both are the same to the run.
   */
  pass(ps: number): boolean {
    const due = this.now + ps;
    if (due >= this.#heldUntil || this.#left <= 0) return false;
    if (due >= this.#queue.minTime && !this.#runBefore(due)) return false;
    this.#left--;
    this.now = due;
    return true;
  }

  /** Resumes what is due before the running process goes on at `due`. False when that ended the run. */
  #runBefore(due: number): boolean {
    if (this.#held === HELD_MAX) return false;
    const queue = this.#queue;
    const { current } = this;
    const heldUntil = this.#heldUntil;
    // At equal times those that are in the queue by now were there first.
    const newest = queue.newest;
    this.#heldUntil = due;
    this.#held++;
    while (queue.isBefore(due, newest) && !this.halted) this.#resumeNext();
    this.#held--;
    this.#heldUntil = heldUntil;
    this.current = current;
    return !this.halted;
  }

  /**
   * Resumes processes until about `budget` resumptions have happened or nothing is due.
   * Returns true while something is due.
   */
  run(budget: number): boolean {
    this.#left = budget;
    while (this.#left > 0 && this.#queue.size > 0 && !this.halted) this.#resumeNext();
    return this.#queue.size > 0;
  }

  /** Lets the process that is due next go on until it waits or another is due. */
  #resumeNext(): void {
    const queue = this.#queue;
    const id = queue.pop();
    assert(queue.poppedTime >= this.now, 'virtual time went back');
    this.now = queue.poppedTime;
    this.current = id;
    const process = exists(this.#processes[id], 'a process was woken after its end');
    for (;;) {
      this.#left--;
      const step = resume.call(process);
      if (step.done === true) {
        this.#processes[id] = undefined;
        this.#free.push(id);
        this.#live--;
        break;
      }
      const duration = step.value;
      if (duration === BLOCK) break;
      const due = this.now + duration;
      assert(duration >= 0 && due <= TIME_LIMIT_PS, 'a process yielded an impossible duration');
      // Going on at once saves the queue a round trip. At equal times others were there first.
      if (due < queue.minTime && due < this.#heldUntil && this.#left > 0) {
        this.now = due;
        continue;
      }
      queue.push(due, id);
      break;
    }
    if (this.#quiet !== null && this.#quiet()) this.halted = true;
  }
}

/** A condition that processes wait for. A signal given while nobody waits is kept, once. */
export class Signal {
  readonly #engine: Engine;
  #waiter = -1;
  #raised = false;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Is a process waiting? */
  get waiting(): boolean {
    return this.#waiter !== -1;
  }

  /** Raises the signal; the waiting process goes on after `delay` picoseconds. */
  raise(delay = 0): void {
    if (this.#waiter === -1) {
      this.#raised = true;
      return;
    }
    const process = this.#waiter;
    this.#waiter = -1;
    this.#engine.wake(process, delay);
  }

  /**
   * Takes the signal down. True when it was not raised: then the process has to yield `BLOCK`, and goes on
   * when it is. One process at a time.
   */
  waits(): boolean {
    if (this.#raised) {
      this.#raised = false;
      return false;
    }
    assert(this.#waiter === -1, 'two processes wait for one signal');
    this.#waiter = this.#engine.current;
    return true;
  }
}
