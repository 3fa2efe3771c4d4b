interface Lane {
  readonly tid: number;
  readonly ends: number[];
}

/**
 * Threads for the spans of a track. Spans of one thread must nest; recorded ones need not, and those
 * that do not go to threads of their own.
 */
export class Lanes {
  /** For each track its lanes: a thread, and the ends of the spans open on it, outermost first. */
  readonly #tracks = new Map<number, Lane[]>();
  readonly #onEnd: (tid: number, end: number) => void;
  #nextTid: number;

  /**
   * @param lastTrack the greatest number of a track: a track's first thread has its number
   * @param onEnd called for each span once, inner ones first, when nothing can follow inside it
   */
  constructor(lastTrack: number, onEnd: (tid: number, end: number) => void = () => undefined) {
    this.#nextTid = lastTrack + 1;
    this.#onEnd = onEnd;
  }

  /**
   * Finds the thread of an event; events come in order of time.
   *
   * @returns `fresh`: 0, or the number of the additional thread that is used for the first time
   */
  place(track: number, ts: number, dur: number): { tid: number; fresh: number } {
    let lanes = this.#tracks.get(track);
    if (lanes === undefined) this.#tracks.set(track, (lanes = [{ tid: track, ends: [] }]));
    if (dur === 0) {
      // An instant at the very end of a span is still inside.
      this.#close(track, (lanes[0] as Lane).ends, ts - 1);
      return { tid: track, fresh: 0 };
    }
    for (const { tid, ends } of lanes) {
      this.#close(tid, ends, ts);
      if (ends.length === 0 || (ends.at(-1) as number) >= ts + dur) {
        ends.push(ts + dur);
        return { tid, fresh: 0 };
      }
    }
    const tid = this.#nextTid++;
    lanes.push({ tid, ends: [ts + dur] });
    return { tid, fresh: lanes.length - 1 };
  }

  /** Ends all spans that are open. */
  finish(): void {
    for (const lanes of this.#tracks.values()) {
      for (const { tid, ends } of lanes) this.#close(tid, ends, Infinity);
    }
  }

  /** Ends the spans of a thread that are over at `ts`. */
  #close(tid: number, ends: number[], ts: number): void {
    for (let end = ends.at(-1); end !== undefined && end <= ts; end = ends.at(-1)) {
      ends.pop();
      this.#onEnd(tid, end);
    }
  }
}
