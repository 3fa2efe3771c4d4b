/**
 * What CPUs and devices of a NUMA node draw from its memory together: a server that moves so many
 * bytes a second. Whoever comes while others are being served waits for them.
 */
export class MemoryBus {
  readonly #psPerByte: number;
  #freeAtPs = 0;
  bytes = 0;
  waitPs = 0;

  /** @param psPerByte of the whole node */
  constructor(psPerByte: number) {
    this.#psPerByte = psPerByte;
  }

  /**
   * Picoseconds that `bytes` bytes, wanted `laterPs` after `nowPs`, are late by the others' traffic.
   * They are booked as of now, so that nobody who comes in between waits for what is still to come.
   */
  draw(nowPs: number, bytes: number, laterPs = 0): number {
    const start = Math.max(nowPs, this.#freeAtPs);
    this.#freeAtPs = start + Math.round(bytes * this.#psPerByte);
    this.bytes += bytes;
    const wait = Math.max(0, start - nowPs - laterPs);
    this.waitPs += wait;
    return wait;
  }

  /** Picoseconds for which it has been busy. */
  get busyPs(): number {
    return Math.round(this.bytes * this.#psPerByte);
  }
}
