/** Where events were recorded, as tracks and actors of the trace. */
import type Database from 'better-sqlite3';
import { MAX_TRACKS } from '../read/store.ts';
import type { Place, TrackNames } from './recorded.ts';

/** CPUs of the first machine have these tracks, in their order; all else follows as it comes. */
const CPU_TRACKS = 1024;
/** The last track takes what has none of its own: a reader knows no more of them. */
const OTHERS = { key: 'others', place: { segment: 1, cpu: null } };

export interface Track {
  readonly id: number;
  /** Not a CPU, nor a thread: what lasts there is no work of theirs. */
  readonly isLane: boolean;
  readonly place: Place;
  readonly lane: string;
}

export class Places {
  readonly #tracks = new Map<string, Track>();
  readonly #byId = new Map<number, Track>();
  readonly #names = new Map<string, TrackNames>();
  #next = CPU_TRACKS + 1;
  /** By CPU: those that have tracks of their own. */
  readonly #own: (Track | undefined)[] = [];
  /** Events of any other place, and those of one lane, mostly come one after the other. */
  #last: Track | undefined;
  #lastLane: Track | undefined;

  /** Were there more places than tracks? */
  overflowed = false;

  /** The track of a place, or of a lane beside its CPUs. */
  trackOf(place: Place, lane = ''): Track {
    const { segment, cpu } = place;
    const own = segment === 1 && lane === '' && cpu !== null && cpu < CPU_TRACKS;
    const known = own ? this.#own[cpu] : lane === '' ? this.#last : this.#lastLane;
    if (
      known?.place.segment === segment &&
      known.lane === lane &&
      (lane !== '' || known.place.cpu === cpu)
    ) {
      return known;
    }
    const key = lane === '' ? keyOf(place) : `${place.segment}/${lane}`;
    let track = this.#tracks.get(key);
    if (track === undefined) {
      if (this.#tracks.size >= MAX_TRACKS - 1) return this.#others();
      const id = own ? cpu + 1 : this.#next++;
      track = { id, isLane: lane !== '', place, lane };
      this.#tracks.set(key, track);
      this.#byId.set(id, track);
    }
    if (own) this.#own[cpu] = track;
    else if (lane === '') this.#last = track;
    else this.#lastLane = track;
    return track;
  }

  #others(): Track {
    this.overflowed = true;
    const { key, place } = OTHERS;
    let track = this.#tracks.get(key);
    if (track === undefined) {
      track = { id: this.#next++, isLane: false, place, lane: 'all others' };
      this.#tracks.set(key, track);
      this.#byId.set(track.id, track);
    }
    return track;
  }

  byId(id: number): Track | undefined {
    return this.#byId.get(id);
  }

  name(place: Place, names: TrackNames): void {
    this.#names.set(keyOf(place), names);
  }

  write(db: Database.Database): void {
    const actor = db.prepare(`INSERT OR IGNORE INTO actors VALUES (?, ?, 'recorded')`);
    const row = db.prepare('INSERT INTO tracks VALUES (?, ?, ?, ?, 0, 0)');
    for (const { id, place, lane } of this.#tracks.values()) {
      const { segment, cpu } = place;
      const part = segment === 1 ? '' : `segment ${segment}`;
      const named = lane === '' ? this.#names.get(keyOf(place)) : undefined;
      const system = segment === 1 ? 'recorded system' : `recorded system, ${part}`;
      actor.run(segment, named?.actor ?? system);
      const own = lane !== '' ? lane : cpu === null ? 'CPU unknown' : `CPU ${cpu}`;
      row.run(id, segment, named?.track ?? own, named === undefined ? part : (named.detail ?? ''));
    }
  }
}

function keyOf({ segment, cpu }: Place): string {
  return `${segment}/${cpu ?? ''}`;
}
