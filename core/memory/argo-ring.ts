/**
 * A ring of Xen's Argo (`public/argo.h`): bytes in slots of 16, each message behind a header of 16, the
 * writer's and the reader's position, never quite full.
 */
import { assert } from '../base/assert.ts';

export const ARGO_SLOT_BYTES = 16;
const HEADER_BYTES = 16;
/** `XEN_ARGO_MAX_RING_SIZE`. */
export const ARGO_RING_BYTES_MAX = 16 * 2 ** 20;
/** Buffers of one sendv: `XEN_ARGO_MAXIOV`. */
export const ARGO_MAXIOV = 8;
/** Senders that may wait for room in one ring. */
export const ARGO_PENDING_MAX = 32;

export class ArgoRing {
  readonly bytes: number;
  /** Free-running positions in bytes, of the message that is written and read next. */
  #tx = 0;
  #rx = 0;
  #usedMax = 0;
  readonly #pending = new Set<number>();

  /** @param bytes a multiple of 16, from 48 to 16 MiB */
  constructor(bytes: number) {
    assert(
      bytes % ARGO_SLOT_BYTES === 0 && bytes >= 48 && bytes <= ARGO_RING_BYTES_MAX,
      'an Argo ring has 48 bytes to 16 MiB, in slots of 16',
    );
    this.bytes = bytes;
  }

  get used(): number {
    return this.#tx - this.#rx;
  }
  get usedMax(): number {
    return this.#usedMax;
  }
  get hasPending(): boolean {
    return this.#pending.size > 0;
  }

  /** Bytes that a message takes, header and rounding included. */
  static sizeOf(payload: number): number {
    return HEADER_BYTES + Math.ceil(payload / ARGO_SLOT_BYTES) * ARGO_SLOT_BYTES;
  }

  /** Can a message of so much payload ever fit? Otherwise sendv answers -EMSGSIZE. */
  canHold(payload: number): boolean {
    return ArgoRing.sizeOf(payload) <= this.bytes - ARGO_SLOT_BYTES;
  }

  /** Writes a message. Returns the position of its payload in the ring, or -1 when there is no room. */
  write(payload: number): number {
    const size = ArgoRing.sizeOf(payload);
    if (this.used + size > this.bytes - ARGO_SLOT_BYTES) return -1;
    const at = (this.#tx + HEADER_BYTES) % this.bytes;
    this.#tx += size;
    if (this.used > this.#usedMax) this.#usedMax = this.used;
    return at;
  }

  /** The reader has taken the oldest message. */
  read(payload: number): void {
    this.#rx += ArgoRing.sizeOf(payload);
    assert(this.#rx <= this.#tx, 'more was read from an Argo ring than written');
  }

  /** A sender waits for room. False when too many do: -EBUSY. */
  wait(sender: number): boolean {
    if (this.#pending.size >= ARGO_PENDING_MAX && !this.#pending.has(sender)) return false;
    this.#pending.add(sender);
    return true;
  }

  /** The senders that waited: they are told. */
  takePending(): number[] {
    const waiting = [...this.#pending];
    this.#pending.clear();
    return waiting;
  }
}
