import { describe, expect, it } from 'vitest';
import { InvariantError } from '../base/assert.ts';
import { GNTPIN, GNTST, GrantTable, pinKind } from './grant-table.ts';
import { Maptrack } from './maptrack.ts';

const DOM = 3;
const READ = GNTPIN.hstr;
const WRITE = GNTPIN.hstw;

describe('the grant table', () => {
  it('answers as Xen does when asked for what it must not give', () => {
    const table = new GrantTable(1);
    const ref = table.grant(DOM, 100, true);
    expect(table.pin(100_000, DOM, READ, 100)).toBe(GNTST.bad_gntref);
    expect(table.pin(-1, DOM, READ, 100)).toBe(GNTST.bad_gntref);
    expect(table.pin(ref + 1, DOM, READ, 100), 'never granted').toBe(GNTST.general_error);
    expect(table.pin(ref, 5, READ, 100), 'granted to another').toBe(GNTST.general_error);
    expect(table.pin(ref, DOM, WRITE, 100), 'read-only').toBe(GNTST.general_error);
    expect(table.pin(ref, DOM, GNTPIN.devw, 100), 'read-only').toBe(GNTST.general_error);
    expect(() => table.tryEnd(ref + 1)).toThrow(InvariantError);
    expect(() => table.unpin(ref, READ)).toThrow(InvariantError);
    table.check();
  });

  it('takes away only pins that were made, of their kind', () => {
    const table = new GrantTable(1);
    const ref = table.grant(DOM, 100, false);
    table.pin(ref, DOM, WRITE, 100);
    for (const kind of [GNTPIN.devr, GNTPIN.devw, GNTPIN.hstr]) {
      expect(() => table.unpin(ref, kind)).toThrow(InvariantError);
    }
    table.unpin(ref, WRITE);
    expect(table.tryEnd(ref)).toBe(true);
  });

  it.each(Object.entries(GNTPIN))('counts 128 pins of kind %s, and then none of any', (_, kind) => {
    const table = new GrantTable(1);
    const ref = table.grant(DOM, 100, false);
    for (let i = 0; i < 128; i++) expect(table.pin(ref, DOM, kind, 100)).toBe(GNTST.okay);
    for (const other of Object.values(GNTPIN)) {
      expect(table.pin(ref, DOM, other, 100)).toBe(GNTST.general_error);
    }
    table.check();
    expect(table.tryEnd(ref)).toBe(false);
    for (let i = 0; i < 128; i++) table.unpin(ref, kind);
    table.check();
    expect(table.tryEnd(ref)).toBe(true);
  });

  it('cannot be revoked until the last pin is gone, and not writing after the last writer', () => {
    const table = new GrantTable(1);
    const ref = table.grant(DOM, 100, false);
    table.pin(ref, DOM, READ, 100);
    table.pin(ref, DOM, WRITE, 100);
    table.unpin(ref, WRITE);
    table.check();
    expect(table.tryEnd(ref)).toBe(false);
    table.unpin(ref, READ);
    expect(table.tryEnd(ref)).toBe(true);
  });

  it('keeps the frame of the first pin, whatever is found later', () => {
    const table = new GrantTable(1);
    const ref = table.grant(DOM, 100, false);
    table.pin(ref, DOM, READ, 700);
    table.pin(ref, DOM, READ, 701);
    expect(table.pinnedFrame(ref)).toBe(700);
  });

  it('has 512 entries a frame, 8 of them reserved, and grows to its limit', () => {
    const table = new GrantTable(64);
    const refs = new Set<number>();
    for (let ref = table.grant(0, 0, true); ref !== -1; ref = table.grant(0, 0, true))
      refs.add(ref);
    expect(refs.size).toBe(64 * 512 - 8);
    expect(Math.min(...refs)).toBe(8);
    expect(Math.max(...refs)).toBe(64 * 512 - 1);
  });

  it('gives references in a row, or none, and none of them twice', () => {
    const table = new GrantTable(1);
    expect(table.grantRun(DOM, new Array<number>(505).fill(0), true), 'one too many').toBe(-1);
    expect(table.inUse).toBe(0);
    const single = [table.grant(DOM, 1, true), table.grant(DOM, 2, true)];
    const first = table.grantRun(DOM, [10, 11, 12], true);
    expect([0, 1, 2].map((i) => table.gfnOf(first + i))).toEqual([10, 11, 12]);
    for (const ref of single) expect(ref < first || ref > first + 2).toBe(true);
    for (let i = 0; i < 3; i++) table.tryEnd(first + i);
    // What was given back in a row can be given one by one, and the other way round.
    const rest = new Set(single);
    for (let ref = table.grant(DOM, 0, true); ref !== -1; ref = table.grant(DOM, 0, true)) {
      expect(rest.has(ref)).toBe(false);
      rest.add(ref);
    }
    expect(rest.size).toBe(504);
    // Every other one free: 252 references, no two in a row.
    for (const ref of rest) if (ref % 2 === 0) table.tryEnd(ref);
    expect(table.grantRun(DOM, [1, 2], true)).toBe(-1);
    expect(table.grantRun(DOM, [1], true)).not.toBe(-1);
  });

  it('pins by what is read or written, and by whom', () => {
    expect(pinKind(true, 'host')).toBe(GNTPIN.hstr);
    expect(pinKind(false, 'host')).toBe(GNTPIN.hstw);
    expect(pinKind(true, 'device')).toBe(GNTPIN.devr);
    expect(pinKind(false, 'device')).toBe(GNTPIN.devw);
  });
});

describe('maptrack', () => {
  const drain = (maptrack: Maptrack, vcpu: number): number[] => {
    const handles: number[] = [];
    for (let h = maptrack.take(1, vcpu); h !== -1; h = maptrack.take(1, vcpu)) handles.push(h);
    return handles;
  };

  it('knows no handle that was not taken, and takes each back once', () => {
    const maptrack = new Maptrack(1, 1);
    for (const handle of [-1, 0, 255, 256, 100_000]) expect(maptrack.give(handle)).toBe(false);
    const handle = maptrack.take(9, 0);
    expect(maptrack.refOf(handle)).toBe(9);
    expect(maptrack.refOf(handle + 1)).toBe(-1);
    expect(maptrack.give(handle)).toBe(true);
    expect(maptrack.give(handle)).toBe(false);
    expect(maptrack.inUse).toBe(0);
  });

  it('has 256 entries a frame; a vCPU alone can use all but one', () => {
    const maptrack = new Maptrack(2, 1);
    expect(maptrack.limit).toBe(512);
    const handles = drain(maptrack, 0);
    expect(new Set(handles).size).toBe(511);
    expect(maptrack.grown).toBe(2);
    expect(maptrack.give(handles[7] as number)).toBe(true);
    expect(drain(maptrack, 0)).toHaveLength(1);
  });

  it('grows for who has none, then steals from the others', () => {
    const maptrack = new Maptrack(2, 2);
    const one = drain(maptrack, 0);
    expect(maptrack.stolen).toBe(0);
    // Both frames belong to vCPU 0, which keeps one entry; the other has nothing to steal but from it.
    expect(maptrack.take(1, 1)).toBe(-1);
    for (const handle of one.slice(0, 10)) maptrack.give(handle);
    // Of the ten, one stays in the list of the thief.
    expect(drain(maptrack, 1)).toHaveLength(9);
    expect(maptrack.stolen).toBe(10);
    expect(maptrack.inUse).toBe(510);
  });

  it('gives a handle back to the list of the vCPU that had it', () => {
    const maptrack = new Maptrack(2, 2);
    const mine = maptrack.take(1, 0);
    const other = maptrack.take(1, 1);
    maptrack.give(other);
    maptrack.give(mine);
    expect(drain(maptrack, 0)).toHaveLength(255 + 255);
    expect(maptrack.stolen).toBe(255);
  });
});
