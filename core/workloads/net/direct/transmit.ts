/** Transmit side of a driver that owns its NIC queue: map, post, doorbell; clean, unmap, free. */
import { K } from '../../../contract/kinds.ts';
import { ACTOR } from '../../../engine/cpu.ts';
import type { Steps } from '../../../engine/engine.ts';
import { NONE } from '../../../engine/recording.ts';
import type { NicJob, NicQueue } from '../../../devices/nic-queue.ts';
import type { DmaApi, DmaMapping } from '../../../primitives/dma-api.ts';
import { framesOf } from '../../../primitives/copies.ts';
import type { World } from '../../../primitives/world.ts';
import { need, needless } from '../../../strategies/support.ts';
import { cleanForDevice } from '../non-coherent.ts';
import type { Ledger, NetPacket } from '../packet.ts';
import { Wakeup } from '../threads.ts';
import { TransmitSocket, type TransmitParts } from '../transmit-socket.ts';

export interface TxJob extends NicJob {
  readonly packet: NetPacket;
}

export interface DirectTxParts extends TransmitParts {
  readonly dma: DmaApi;
  readonly nicQueue: NicQueue<TxJob>;
  readonly ledger: Ledger;
  /** Gives a packet its way when it does not go to the wire. */
  readonly route: (packet: NetPacket) => void;
}

export class DirectTx extends TransmitSocket {
  readonly #parts: DirectTxParts;
  readonly #room: Wakeup;

  constructor(world: World, parts: DirectTxParts) {
    super(world, parts);
    this.#parts = parts;
    this.#room = new Wakeup(world.engine);
  }

  protected override *startXmit(packet: NetPacket): Steps {
    const { recorder, costs, oracle, engine } = this.world;
    const { cpu, nicQueue, dma, stats, route } = this.#parts;
    const { request, bytes, fragments } = packet;
    const since = engine.now;
    if (!nicQueue.reserve(fragments.length)) {
      do yield* this.#room.sleep(this.world, cpu, ACTOR.frontend);
      while (!nicQueue.reserve(fragments.length));
      stats.ringWaits.add(engine.now - since);
    }
    const span = recorder.begin(K.startXmit, cpu.track, request);
    if (!cpu.passes(ACTOR.frontend, costs.stackFrontendDriver)) yield costs.stackFrontendDriver;
    need(this.world, fragments);
    const segments: DmaMapping[] = [];
    for (const extent of fragments) {
      for (let i = 0; i < framesOf(extent); i++) oracle.authorise(extent.mfn + i);
      segments.push(yield* dma.map(cpu, ACTOR.frontend, extent, 'out', request));
    }
    packet.device = fragments;
    if (!this.world.soc.dmaCoherent) yield* cleanForDevice(this.world, cpu, ACTOR.frontend, packet);
    route(packet);
    const { loop } = packet;
    const posting = segments.length * costs.descriptorPost;
    recorder.leaf(K.devPost, cpu.track, posting, request, NONE, NONE, segments.length);
    if (!cpu.passes(ACTOR.frontend, posting)) yield posting;
    nicQueue.post({ segments, bytes, request, faulted: false, loop, packet });
    recorder.leaf(K.devDoorbell, cpu.track, costs.doorbell, request);
    if (!cpu.passes(ACTOR.frontend, costs.doorbell)) yield costs.doorbell;
    nicQueue.doorbell();
    recorder.end(span, cpu.track, NONE, bytes, segments.length);
  }

  /** A poll: what has been sent is unmapped, and its memory free. */
  *clean(done: readonly TxJob[]): Steps {
    const { recorder, costs, oracle } = this.world;
    const { cpu, dma, ledger } = this.#parts;
    const span = recorder.begin(K.freeOldXmit, cpu.track, NONE);
    for (const { packet, segments } of done) {
      needless(this.world, packet.fragments);
      for (const segment of segments) {
        yield* dma.unmap(cpu, ACTOR.frontend, segment, packet.request);
        const { mfn } = segment.extent;
        const causes = [recorder.lastId];
        for (let i = 0; i < framesOf(segment.extent); i++) oracle.reclaim(mfn + i, causes);
      }
      if (!cpu.passes(ACTOR.frontend, costs.stackCompletion)) yield costs.stackCompletion;
      this.giveBack(packet);
      ledger.freed(packet);
      ledger.reclaimed(packet.owner);
    }
    recorder.end(span, cpu.track, NONE, NONE, done.length);
    this.#room.ring();
  }
}
