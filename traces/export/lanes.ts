/**
 * Threads for the spans of a track. Spans of one thread must nest; recorded ones need not, and those
 * that do not go to threads of their own.
 */
export class Lanes {
  /** For each track its lanes: a thread, and the ends of the spans open on it, outermost first. */
  readonly #tracks = new Map<number, { tid: number; ends: number[] }[]>();
  #nextTid: number;

  /** @param lastTrack the greatest number of a track: a track's first thread has its number */
  constructor(lastTrack: number) {
    this.#nextTid = lastTrack + 1;
  }

  /**
   * Finds the thread of an event; events come in order of time.
   *
   * @returns `fresh`: 0, or the number of the additional thread that is used for the first time
   */
  place(track: number, ts: number, dur: number): { tid: number; fresh: number } {
    let lanes = this.#tracks.get(track);
    if (lanes === undefined) this.#tracks.set(track, (lanes = [{ tid: track, ends: [] }]));
    if (dur === 0) return { tid: track, fresh: 0 };
    for (const { tid, ends } of lanes) {
      while (ends.length > 0 && (ends.at(-1) as number) <= ts) ends.pop();
      if (ends.length === 0 || (ends.at(-1) as number) >= ts + dur) {
        ends.push(ts + dur);
        return { tid, fresh: 0 };
      }
    }
    const tid = this.#nextTid++;
    lanes.push({ tid, ends: [ts + dur] });
    return { tid, fresh: lanes.length - 1 };
  }
}
