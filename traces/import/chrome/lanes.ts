/** Processes and threads of a Chrome trace as actors and tracks. */
import type { Place, RecordedSink } from '../recorded.ts';

/** More than these are not told apart: there are not as many tracks. */
const MAX_PROCESSES = 65_536;
const MAX_LANES = 65_536;
const BEYOND: Place = { segment: 0, cpu: null };

interface Process {
  readonly segment: number;
  readonly pid: string;
  name: string;
  readonly lanes: Map<string, Lane>;
}

interface Lane {
  readonly cpu: number;
  name: string;
  detail?: string;
}

function idOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

export class Lanes {
  readonly #sink: RecordedSink;
  readonly #processes = new Map<string, Process>();
  #count = 0;
  /** Names are ours, not those of processes and threads with numbers. */
  own = false;

  constructor(sink: RecordedSink) {
    this.#sink = sink;
  }

  /** Names of processes and threads, which may come after their events. */
  metadata(record: Record<string, unknown>): void {
    const name = (record['args'] as { name?: unknown } | null | undefined)?.name;
    if (typeof name !== 'string' || name === '') return;
    const process = this.#processOf(record);
    if (process === null) return;
    if (record['name'] === 'process_name') process.name = name;
    if (record['name'] !== 'thread_name') return;
    const key = `thread ${idOf(record['tid'])}`;
    if (this.own && this.#isMore(process, key, name)) return;
    const lane = this.#laneOf(process, key);
    if (lane !== null && this.own) {
      const [, track = name, detail = ''] = /^(.*?) \((.*)\)$/.exec(name) ?? [];
      lane.name = track;
      lane.detail = detail;
    } else if (lane !== null) lane.name = `${name} (${idOf(record['tid'])})`;
  }

  threadKey(record: Record<string, unknown>): string {
    return JSON.stringify([idOf(record['pid']), idOf(record['tid'])]);
  }

  /**
   * An export puts spans that overlap on further threads, `NAME (overlap N)`; they come back to the
   * track of that name, where there is only one.
   */
  #isMore(process: Process, key: string, name: string): boolean {
    const base = /^(.*) \(overlap \d+\)$/.exec(name)?.[1];
    const lanes = new Set([...process.lanes.values()].filter((lane) => lane.name === base));
    const [only] = lanes;
    if (only === undefined || lanes.size > 1) return false;
    process.lanes.set(key, only);
    return true;
  }

  threadPlace(record: Record<string, unknown>): Place {
    return this.#place(record, `thread ${idOf(record['tid'])}`);
  }

  /** What has no thread of its own has a lane for its category. */
  asyncPlace(record: Record<string, unknown>): Place {
    return this.#place(record, `async ${idOf(record['cat'])}`.trimEnd());
  }

  /** Tells the names; call once after the last record. */
  end(): void {
    for (const { segment, pid, name, lanes } of this.#processes.values()) {
      const actor = this.own ? name : [name, pid === '' ? '' : `(pid ${pid})`].join(' ').trim();
      for (const lane of lanes.values()) {
        const { name: track, detail } = lane;
        const names = {
          actor: actor === '' ? 'process' : actor,
          track,
          ...(detail === undefined ? {} : { detail }),
        };
        this.#sink.name({ segment, cpu: lane.cpu }, names);
      }
    }
  }

  #place(record: Record<string, unknown>, name: string): Place {
    const process = this.#processOf(record);
    const lane = process === null ? null : this.#laneOf(process, name);
    return process === null || lane === null ? BEYOND : { segment: process.segment, cpu: lane.cpu };
  }

  #processOf(record: Record<string, unknown>): Process | null {
    const pid = idOf(record['pid']);
    let process = this.#processes.get(pid);
    if (process === undefined) {
      if (this.#processes.size === MAX_PROCESSES) return null;
      process = { segment: this.#processes.size + 1, pid, name: '', lanes: new Map() };
      this.#processes.set(pid, process);
    }
    return process;
  }

  #laneOf(process: Process, name: string): Lane | null {
    let lane = process.lanes.get(name);
    if (lane === undefined) {
      if (this.#count === MAX_LANES) return null;
      this.#count += 1;
      lane = { cpu: process.lanes.size, name };
      process.lanes.set(name, lane);
    }
    return lane;
  }
}
