/** The state at a time, from keyframes, against what reading the trace from its beginning says. */
import Database from 'better-sqlite3';
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { REACHES, type TraceState } from '../../core/contract/methods/index.ts';
import { parseScenario, type ScenarioInput } from '../../core/contract/scenario.ts';
import { identify, prepareRun } from '../../core/experiment/index.ts';
import { importTrace } from '../import/import.ts';
import { KEYFRAME_EVENTS } from '../state/keyframes.ts';
import { errorOf, tempFolder } from '../testing/temp.ts';
import { trimTrace } from '../trim/trim.ts';
import { createTraceWriter } from '../write/writer.ts';
import { openTrace, type TraceReader } from './reader.ts';

const OLD = join(import.meta.dirname, '../testing/old/version-1.mctrace');

function record(file: string, input: ScenarioInput): void {
  const scenario = parseScenario(input);
  const head = { name: 'x', scenario, recordedAt: '2026-01-01T00:00:00.000Z' };
  const writer = createTraceWriter(file, { ...head, ...identify(scenario) });
  const run = prepareRun(scenario, writer);
  while (run.step(10_000)) {
    // Go on.
  }
  writer.finish({ status: 'complete', result: run.finish() });
}

function open(file: string): TraceReader {
  const reader = openTrace(file);
  onTestFinished(() => reader.close());
  return reader;
}

/** What stands after everything up to `ts`, by plain SQL over all that came before. */
class Reference {
  readonly #db: Database.Database;

  constructor(file: string) {
    this.#db = new Database(file, { readonly: true });
    onTestFinished(() => void this.#db.close());
  }

  #rows(sql: string, ...values: unknown[]): unknown[][] {
    return this.#db
      .prepare(sql)
      .raw()
      .all(...values) as unknown[][];
  }

  /** Events of a kind without a later one that ends them. */
  made(made: string, ended: string, same: readonly string[], ts: number): number[] {
    const code = (name: string) =>
      this.#rows('SELECT code FROM kinds WHERE name = ?', name)[0]?.[0];
    const events = this.#rows(
      `SELECT id, kind, ${same.join(` || ' ' || `)} FROM events
       WHERE kind IN (?, ?) AND ts <= ? AND coalesce(status, 0) = 0 ORDER BY id`,
      code(made),
      code(ended),
      ts,
    );
    const open = new Map<unknown, number>();
    for (const [id, kind, key] of events) {
      if (kind === code(made)) open.set(key, id as number);
      else open.delete(key);
    }
    return [...open.values()].sort((a, b) => a - b);
  }

  inFlight(ts: number): unknown[] {
    return this.#rows(
      'SELECT id FROM requests WHERE submitted <= ? AND (completed > ? OR completed IS NULL)',
      ts,
      ts,
    ).flat();
  }

  hazards(ts: number): unknown[] {
    return this.#rows(
      `SELECT arg FROM events WHERE kind = 111 AND ts <= ? AND arg NOT IN
         (SELECT arg FROM events WHERE kind = 112 AND ts <= ?) ORDER BY id`,
      ts,
      ts,
    ).flat();
  }

  /** `role frame how` of every frame that somebody reaches. */
  reach(ts: number): Set<string> {
    const at = (end: string) => `ts <= ? AND coalesce(${end} > ?, 1)`;
    const needed = new Set<number>();
    for (const [frame, frames] of this.#rows(
      `SELECT frame, frames FROM needs WHERE ${at('ts + dur')}`,
      ts,
      ts,
    )) {
      for (let i = 0; i < Number(frames); i++) needed.add(Number(frame) + i);
    }
    const found = new Set<string>();
    for (const [role, frame, stale] of this.#rows(
      `SELECT role, frame, ts + mapped <= ${ts} FROM reach
       JOIN actors ON actors.id = actor WHERE ${at('ts + mapped + stale')}`,
      ts,
      ts,
    )) {
      const how = stale === 1 ? 'stale' : needed.has(Number(frame)) ? 'needed' : 'needless';
      found.add(`${String(role)} ${String(frame)} ${how}`);
    }
    return found;
  }
}

function reachOf({ reach }: TraceState): Set<string> {
  const found = new Set<string>();
  reach.actor.forEach((actor, i) => {
    for (let n = 0; n < (reach.frames[i] ?? 0); n++) {
      const frame = (reach.frame[i] ?? 0) + n;
      found.add(`${reach.actors[actor] ?? ''} ${frame} ${REACHES[reach.how[i] ?? 0] ?? ''}`);
    }
  });
  return found;
}

const idsOf = (state: TraceState, group: keyof TraceState['entries'], live = true) =>
  state.entries[group].rows.filter((row) => row.live === live).map(({ event }) => event);

describe('a file that is not what it says', () => {
  const spoilt = (sql: string): TraceReader => {
    const file = join(tempFolder(), 'spoilt.mctrace');
    record(file, { strategy: 'grant-map', requests: 50 });
    const db = new Database(file);
    db.exec(sql);
    db.close();
    return open(file);
  };

  it('is refused when its keyframes cannot be found', () => {
    const change = `UPDATE meta SET value = '0' WHERE key = 'keyframe_events'`;
    expect(errorOf(() => spoilt(change)).code).toBe('CORRUPT_FILE');
    const none = `DELETE FROM meta WHERE key = 'keyframe_events'`;
    expect(errorOf(() => spoilt(none)).code).toBe('CORRUPT_FILE');
  });

  it('gets bounded answers', () => {
    const reader = spoilt(`
      UPDATE meta SET value = '10' WHERE key = 'keyframe_events';
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000)
        INSERT INTO keyframes SELECT 0, 1, i % 4, i * 7 FROM n;
      INSERT INTO standing_reach VALUES (NULL, 1, -5, 9007199254740991, ''), (NULL, 99, 0, -3, '');
      INSERT OR REPLACE INTO reach VALUES (9007199254740990, 1, 1, 7, 0, -4, NULL), (7, 1, -1, 1, 5, 2, 1);
      INSERT INTO needs VALUES (9007199254740990, -9, 9007199254740991, 0, NULL);`);
    for (const ts of [0, 1e6, 1e12, Number.MAX_SAFE_INTEGER]) {
      const state = reader.state({ ts, limit: 5, reach: { first: 0, frames: 100 } });
      for (const { rows } of Object.values(state.entries)) expect(rows.length).toBeLessThan(6);
      expect(state.reach.frame.length).toBeLessThan(200);
    }
  });
});

describe('the state at a time is what the events up to then add up to', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mapcopy-state-'));
  const lazy = join(folder, 'lazy.mctrace');
  beforeAll(() => {
    record(lazy, {
      strategy: 'grant-map',
      hypervisor: 'kvm-vhost',
      hostDma: 'lazy',
      payloadBytes: 9000,
      requests: 1500,
    });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('before the first event', () => {
    const state = open(lazy).state({ ts: -1, limit: 10 });
    expect(state).toMatchObject({ event: 0, knownFrom: null, tracks: [], rings: [] });
    expect(state.requests.total + state.hazards.total + state.entries.maps.total).toBe(0);
  });

  it('around keyframes and far from them', () => {
    const reader = open(lazy);
    const reference = new Reference(lazy);
    const { events } = reader.info('x');
    expect(events).toBeGreaterThan(2 * KEYFRAME_EVENTS);
    let others = 0;
    const ids = [100, KEYFRAME_EVENTS - 1, KEYFRAME_EVENTS, KEYFRAME_EVENTS + 1, 70_001, events];
    for (const id of ids) {
      const { ts } = reader.events(id, 1)[0] ?? { ts: 0 };
      const state = reader.state({ ts, limit: 10_000 });
      expect(state.event).toBeGreaterThanOrEqual(id);
      expect(idsOf(state, 'grants')).toEqual(
        reference.made('GNT.grant', 'GNT.end', ['frame', 'arg'], ts),
      );
      expect(idsOf(state, 'maps')).toEqual(
        reference.made('GT.map', 'GT.unmap', ['frame', 'arg'], ts),
      );
      expect(idsOf(state, 'iommu')).toEqual(
        reference.made('IOMMU.map', 'IOMMU.unmap', ['frame', 'arg'], ts),
      );
      expect(state.requests.rows.map((row) => row.id)).toEqual(reference.inFlight(ts));
      expect(state.hazards.rows.map((row) => row.id)).toEqual(reference.hazards(ts));
      expect(reachOf(state)).toEqual(reference.reach(ts));
      // What is gone from the table is listed while the device's cached translation is there; of frames
      // that are no guest's nobody says so, and they are listed until their flush.
      const stale = state.entries.iommu.rows.filter(({ live }) => !live).map(({ frame }) => frame);
      const isGuests = (frame: number) =>
        state.reach.guests.some((each) => frame >= each.first && frame < each.first + each.frames);
      for (const frame of stale.filter((each) => isGuests(Number(each)))) {
        expect(reachOf(state)).toContain(`device ${frame ?? ''} stale`);
      }
      others += stale.filter((each) => !isGuests(Number(each))).length;
    }
    expect(others).toBeGreaterThan(0);
  });

  it('with guests, counters, rings and what each track does', () => {
    const reader = open(lazy);
    const { ts, dur, id, track } = reader.events(40_000, 200).find((row) => row.dur > 1000) ?? {
      ts: 0,
      dur: 0,
      id: 0,
      track: 0,
    };
    const state = reader.state({ ts: ts + Math.floor(dur / 2), limit: 1 });
    expect(state.reach.guests).toEqual([
      { name: 'guest', first: 16_384, frames: 262_144, firstGfn: 0 },
    ]);
    const spans = state.tracks.find((each) => each.track === track)?.spans ?? [];
    expect(spans.map(({ event }) => event)).toContain(id);
    expect(spans.map(({ level }) => level)).toEqual(spans.map((_, level) => level));
    const counter = reader.info('x').counters.find(({ name }) => name === 'Mapped pages');
    const mapped = state.counters.find((each) => each.counter === counter?.id)?.value;
    expect(mapped).toBeGreaterThanOrEqual(state.entries.maps.total);
    expect(state.rings.some(({ pushed }) => pushed !== null)).toBe(true);
    expect(state.entries.grants.rows.length).toBe(1);
    expect(state.entries.grants.total).toBeGreaterThan(1);
  });

  it('of some frames alone', () => {
    const reader = open(lazy);
    const { ts } = reader.events(50_000, 1)[0] ?? { ts: 0 };
    const all = [...reachOf(reader.state({ ts, limit: 1 }))];
    const reach = { first: 100_000, frames: 50_000 };
    const some = reachOf(reader.state({ ts, limit: 1, reach }));
    const inside = all.filter((each) => {
      const frame = Number(each.split(' ')[1]);
      return frame >= reach.first && frame < reach.first + reach.frames;
    });
    expect(inside.length).toBeGreaterThan(0);
    expect(some).toEqual(new Set(inside));
  });
});

describe('reach that stands for the whole run', () => {
  it('is one range, cut where requests need frames', () => {
    const file = join(tempFolder(), 'all.mctrace');
    record(file, { strategy: 'map-all-memory', hypervisor: 'kvm-vhost', requests: 300 });
    const reader = open(file);
    const state = reader.state({ ts: reader.info('x').lastTick / 2, limit: 10 });
    const { actor, frame, frames, how, actors } = state.reach;
    const backend = actor.flatMap((each, i) => (actors[each] === 'backend' ? [i] : []));
    const total = backend.reduce((sum, i) => sum + (frames[i] ?? 0), 0);
    expect(total).toBe(262_144);
    expect(backend.some((i) => REACHES[how[i] ?? 0] === 'needed')).toBe(true);
    for (const [n, i] of backend.slice(1).entries()) {
      const before = backend[n] ?? 0;
      expect(frame[i]).toBe((frame[before] ?? 0) + (frames[before] ?? 0));
    }
  });
});

describe('a trace that does not tell all', () => {
  it('of version 1 is read without keyframes: reach is what is mapped', () => {
    const file = join(tempFolder(), 'old.mctrace');
    copyFileSync(OLD, file);
    const reader = open(file);
    const { lastTick, events } = reader.info('x');
    expect(events).toBe(374);
    const reference = new Reference(file);
    const ts = Math.floor(lastTick / 2);
    const state = reader.state({ ts, limit: 1000 });
    expect(state.knownFrom).toBeNull();
    expect(idsOf(state, 'grants')).toEqual(
      reference.made('GNT.grant', 'GNT.end', ['frame', 'arg'], ts),
    );
    expect(state.entries.maps.total).toBeGreaterThan(0);
    expect(state.reach.guests).toEqual([]);
    const frames = state.entries.maps.rows.map(({ frame }) => `backend ${frame ?? ''} mapped`);
    expect(reachOf(state)).toEqual(new Set(frames));
    reader.close();
    // It was opened as it is: nothing was added, nothing was left beside it.
    const db = new Database(file, { readonly: true });
    expect(db.pragma('user_version', { simple: true })).toBe(1);
    expect(
      db.prepare(`SELECT count(*) FROM sqlite_schema WHERE name = 'reach'`).pluck().get(),
    ).toBe(0);
    db.close();
    expect(readdirSync(join(file, '..'))).toEqual(['old.mctrace']);
  });

  it('and is a part knows the reach of its time, and of entries those made in it', async () => {
    const folder = tempFolder();
    const whole = join(folder, 'whole.mctrace');
    record(whole, { strategy: 'viommu-strict', hypervisor: 'kvm-vhost', requests: 500 });
    const reader = open(whole);
    const { lastTick } = reader.info('x');
    const from = Math.floor(lastTick * 0.4);
    const output = join(folder, 'part.mctrace');
    const selection = { fromPs: BigInt(from), toPs: BigInt(Math.floor(lastTick * 0.6)) };
    await trimTrace({ input: whole, output, force: false, selection });
    const ts = Math.floor(lastTick * 0.5);
    const part = open(output).state({ ts, limit: 1000 });
    expect(reachOf(part)).toEqual(reachOf(reader.state({ ts, limit: 1000 })));
    expect(part.reach.guests.length).toBe(1);
    expect(part.knownFrom).not.toBeNull();
  });

  it('and is a recording has what its maps and unmaps say', async () => {
    const input = join(import.meta.dirname, '../../test/fixtures/maps.ftrace.txt');
    const output = join(tempFolder(), 'recorded.mctrace');
    const recordedAt = '2026-01-01T00:00:00.000Z';
    await importTrace({ input, output, name: 'x', recordedAt });
    const reader = open(output);
    const state = reader.state({ ts: reader.info('x').lastTick, limit: 100 });
    expect(state.knownFrom).toBe(0);
    expect(state.entries.iommu.rows.map(({ key, frame, bytes }) => [key, frame, bytes])).toEqual([
      [String(0xfffff000), String(0x12345000), 4096],
      ['18446744073709547520', String(0x55550000), 8192],
    ]);
    expect(reachOf(state)).toEqual(
      new Set(['device 74565 mapped', 'device 349520 mapped', 'device 349521 mapped']),
    );
  });
});
