/**
 * Argo: messages that Xen copies from their sender into a ring of their receiver. Nobody maps anything
 * of anybody's; Xen is the only writer of a ring's body, the receiver reads at leisure.
 */
import { assert } from '../base/assert.ts';
import { PAGE_SIZE } from '../base/brand.ts';
import { K } from '../contract/kinds.ts';
import { ACTOR, type Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import { NONE } from '../engine/recording.ts';
import { ARGO_MAXIOV, ArgoRing } from '../memory/argo-ring.ts';
import { copyDuration, copyExtents, type Extent } from './copies.ts';
import { hypercall } from './hypercall.ts';
import { pieces } from './pieces.ts';
import type { World } from './world.ts';

/** One receiver's ring for one sender. */
export class ArgoPort {
  readonly #world: World;
  readonly #ring: ArgoRing;
  readonly #pages: readonly number[];
  readonly name: string;

  /** @param pages frames of the receiver that hold the ring */
  constructor(world: World, name: string, pages: readonly number[], bytes: number) {
    this.#world = world;
    this.name = name;
    this.#pages = pages;
    this.#ring = new ArgoRing(bytes);
  }

  canHold(bytes: number): boolean {
    return this.#ring.canHold(bytes);
  }

  /**
   * `XEN_ARGO_OP_sendv` of a payload: position of the message in the ring, or -1 for -EAGAIN, in which
   * case the sender is queued and told when there is room.
   */
  *sendv(
    cpu: Cpu,
    payload: readonly Extent[],
    bytes: number,
    sender: number,
    request: number,
  ): Steps<number> {
    let at = -1;
    // More buffers than one sendv may have are gathered by further calls.
    const calls = Math.max(1, Math.ceil(payload.length / ARGO_MAXIOV));
    for (let call = 0; call < calls; call++) {
      const last = call === calls - 1;
      const work = this.#send(cpu, last ? payload : [], last ? bytes : 0, request, (found) => {
        if (last) at = found;
      });
      yield* hypercall(this.#world, cpu, K.argoSendv, 1, request, work);
    }
    if (at === -1) this.#ring.wait(sender);
    return at;
  }

  *#send(
    cpu: Cpu,
    payload: readonly Extent[],
    bytes: number,
    request: number,
    found: (at: number) => void,
  ): Steps<number> {
    const { costs, recorder } = this.#world;
    if (!cpu.passes(ACTOR.hypervisor, costs.argoSend)) yield costs.argoSend;
    if (payload.length === 0) return NONE;
    const at = this.#ring.write(bytes);
    found(at);
    if (at === -1) return NONE;
    const into = this.#extents(at, bytes);
    for (const piece of pieces(payload, into, bytes)) {
      const dur = costs.copyFixed + copyDuration(this.#world, piece.from, piece.to, piece.bytes);
      const track = cpu.hypervisorTrack;
      recorder.leaf(K.argoCopy, track, dur, request, piece.from, piece.bytes);
      if (!cpu.passes(ACTOR.hypervisor, dur)) yield dur;
    }
    return bytes;
  }

  /** The receiver copies the oldest message out, or drops it with nowhere to put it, and tells those who wait for room. */
  *receive(
    cpu: Cpu,
    actor: number,
    at: number,
    to: readonly Extent[],
    bytes: number,
    request: number,
  ): Steps {
    if (to.length > 0) {
      const from = this.#extents(at, bytes);
      yield* copyExtents(this.#world, cpu, actor, from, to, bytes, request);
    }
    this.#ring.read(bytes);
    if (!this.#ring.hasPending) return;
    const waiting = this.#ring.takePending().length;
    yield* hypercall(this.#world, cpu, K.argoNotify, waiting, request, this.#notify(cpu));
  }

  *#notify(cpu: Cpu): Steps<number> {
    if (!cpu.passes(ACTOR.hypervisor, this.#world.costs.sendWork)) yield this.#world.costs.sendWork;
    return NONE;
  }

  check(): void {
    assert(this.#ring.usedMax < this.#ring.bytes, `${this.name} is never quite full`);
  }

  /** Where `bytes` bytes from a position lie, page by page, past the end of the ring if need be. */
  #extents(at: number, bytes: number): Extent[] {
    const extents: Extent[] = [];
    for (let done = 0; done < bytes;) {
      const position = (at + done) % this.#ring.bytes;
      const offset = position % PAGE_SIZE;
      const toEnd = this.#ring.bytes - position;
      const size = Math.min(bytes - done, PAGE_SIZE - offset, toEnd);
      const mfn = this.#pages[Math.floor(position / PAGE_SIZE)] as number;
      extents.push({ mfn, offset, bytes: size });
      done += size;
    }
    return extents;
  }
}
