/**
 * Notifications between frontend and backend: event channels under Xen, ioeventfd and irqfd under
 * KVM. A channel holds one bit: a notification that finds it pending coalesces, as real ones do.
 */
import { K } from '../contract/kinds.ts';
import { ACTOR, type Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import { NONE } from '../engine/recording.ts';
import { hypercall, trap } from './hypercall.ts';
import type { World } from './world.ts';

/** What a notification brings about: work at once, or a thread or poll that is scheduled. */
type Reaction = () => Steps | undefined;

export class Channel {
  readonly #world: World;
  readonly #port: number;
  readonly #target: Cpu;
  readonly #targetActor: number;
  readonly #reaction: Reaction;
  #pending = false;

  /**
   * @param target CPU that the notification interrupts
   * @param reaction what happens there, after the upcall
   */
  constructor(world: World, port: number, target: Cpu, targetActor: number, reaction: Reaction) {
    this.#world = world;
    this.#port = port;
    this.#target = target;
    this.#targetActor = targetActor;
    this.#reaction = reaction;
  }

  get #isFrontend(): boolean {
    return this.#targetActor === ACTOR.frontend;
  }

  /**
   * Does a hypervisor inject the interrupt? A vhost worker is a thread of the host: an eventfd reaches it
   * by a reschedule interrupt.
   */
  get #isInjected(): boolean {
    return this.#isFrontend || this.#world.hypervisor.notification === 'event-channel';
  }

  /** Notifies from `cpu`. The sender pays for the send; the target for the upcall. */
  *send(cpu: Cpu, actor: number): Steps {
    const world = this.#world;
    if (world.hypervisor.notification === 'event-channel') {
      yield* hypercall(world, cpu, K.evtchnSend, 1, NONE, this.#sendWork(cpu));
    } else if (actor === ACTOR.frontend) {
      yield* trap(world, cpu, K.kick, this.#port, NONE, this.#signal(cpu));
    } else {
      const dur = world.costs.sendWork;
      world.recorder.leaf(K.irqfd, cpu.track, dur, NONE, NONE, NONE, NONE, NONE, this.#port);
      if (!cpu.passes(actor, dur)) yield dur;
      this.deliver();
    }
  }

  *#sendWork(cpu: Cpu): Steps<number> {
    yield* this.#signal(cpu);
    return NONE;
  }

  *#signal(cpu: Cpu): Steps {
    if (!cpu.passes(ACTOR.hypervisor, this.#world.costs.sendWork)) yield this.#world.costs.sendWork;
    this.deliver();
  }

  /** Makes the notification pending; by itself where a message brings it along (Argo). */
  deliver(): void {
    if (this.#pending) return;
    this.#pending = true;
    this.#world.engine.spawn(this.#travel());
  }

  *#travel(): Steps {
    const { costs } = this.#world;
    // An idle target must be woken; one that runs takes the interrupt when it comes to it.
    if (this.#target.idle) {
      const way = this.#isFrontend ? costs.notifyFrontend : costs.notifyBackend;
      // What was measured ends with a vCPU's first instruction, but for an eventfd with the signal.
      yield this.#isInjected ? way : way + costs.idleExit;
    }
    this.#target.interrupt(() => this.#upcall());
  }

  *#upcall(): Steps {
    const { costs, recorder } = this.#world;
    const cpu = this.#target;
    // Clear first, then handle: what is sent from now on is not lost.
    this.#pending = false;
    const dur = this.#isInjected ? costs.upcall : costs.hardirq;
    recorder.leaf(K.upcall, cpu.track, dur, NONE, NONE, NONE, NONE, NONE, this.#port);
    if (!cpu.passes(this.#targetActor, dur)) yield dur;
    const work = this.#reaction();
    if (work !== undefined) yield* work;
  }
}
