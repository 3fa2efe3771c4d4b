/** blkback's tree of persistent grants: what is kept, and what the purge of every 100 ms takes away. */
import { expect, it } from 'vitest';
import { parseScenario, type ScenarioInput } from '../contract/scenario.ts';
import type { Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import { assemble } from '../experiment/assemble.ts';
import { Grants } from '../primitives/grants/index.ts';
import { Iommu } from '../primitives/iommu.ts';
import type { Backend, Guest } from '../primitives/world.ts';
import { grantPersistent } from './grant-persistent.ts';
import { PersistentTree } from './persistent-tree.ts';
import type { Transfer } from './types.ts';

const MS = 1e9;
const MAX = 200;

interface Bench {
  readonly tree: PersistentTree;
  /** References of pages that the guest has granted, in their order. */
  readonly refs: readonly number[];
  /** Uses references; returns how many were mapped for this once, or null. */
  readonly use: (refs: readonly number[]) => Steps<number | null>;
  readonly ms: (time: number) => Steps;
}

function on(pages: number, input: ScenarioInput, steps: (bench: Bench) => Steps): void {
  const scenario = parseScenario({
    hypervisor: 'xen-pv-dom0',
    soc: 'xeon-2020',
    strategy: 'grant-persistent',
    workload: 'blk-write',
    ...input,
    persistent: { max: MAX, unusedSeconds: 1, ...input.persistent },
  });
  const world = assemble(scenario, grantPersistent, null);
  const grants = new Grants(world, new Iommu(world));
  const guest = world.guests[0] as Guest;
  const backend = world.backends[0] as Backend;
  const tree = new PersistentTree(world, grants, backend);
  const cpu = backend.cpus[0] as Cpu;
  const transfer = { request: 0, guest: 0, direction: 'out' } as Transfer;
  let ended = false;
  world.engine.spawn(
    (function* (): Steps {
      const refs: number[] = [];
      for (let i = 0; i < pages; i++) {
        const mfn = guest.memory.first + i;
        refs.push(yield* grants.grant(guest.cpus[0] as Cpu, guest, backend, mfn, false, 0));
      }
      refs.sort((a, b) => a - b);
      yield* steps({
        tree,
        refs,
        *use(some) {
          const oneShot = yield* tree.use(cpu, transfer, some);
          return oneShot === null ? null : oneShot.length;
        },
        *ms(time) {
          yield time * MS - world.engine.now;
        },
      });
      ended = true;
    })(),
  );
  for (let i = 0; i < 100 && !ended; i++) world.engine.run(1000);
  expect(ended).toBe(true);
}

it('keeps as many as it may; one more is for this request, and so is one in use already', () => {
  on(MAX + 1, {}, function* ({ tree, refs, use }) {
    expect(yield* use(refs.slice(0, 5))).toBe(0);
    expect(yield* use(refs.slice(0, 2))).toBe(2);
    tree.idle(refs.slice(0, 5));
    expect(yield* use(refs)).toBe(1);
    expect(tree.size).toBe(MAX);
  });
});

it('says so when there is no handle, and keeps nothing that is not mapped', () => {
  on(400, { grants: { maxMaptrackFrames: 1 }, persistent: { max: 1000 } }, function* (bench) {
    const { tree, refs, use } = bench;
    expect(yield* use(refs.slice(0, 250))).toBe(0);
    expect(yield* use(refs.slice(250, 260))).toBe(null);
    expect(tree.size).toBe(255);
    expect(yield* use(refs.slice(250, 255))).toBe(0);
  });
});

it('at its maximum without an overflow is left alone', () => {
  on(MAX, {}, function* ({ tree, refs, use, ms }) {
    yield* use(refs);
    tree.idle(refs);
    yield* ms(150);
    expect(tree.size).toBe(MAX);
  });
});

it('after an overflow loses a twentieth: idle ones, in the order of their references', () => {
  on(MAX + 1, {}, function* ({ tree, refs, use, ms }) {
    yield* use(refs);
    // The four lowest are still in use; the highest were used longest ago.
    tree.idle(refs.slice(100));
    yield* ms(10);
    tree.idle(refs.slice(4, 100));
    yield* ms(150);
    expect(tree.size).toBe(MAX - 10);
    // 4 to 13 are gone, and are mapped again; the others are known.
    const overflow = yield* use(refs.slice(4, 14));
    expect(overflow).toBe(0);
    expect(tree.size).toBe(MAX);
    // The overflow has been dealt with.
    tree.idle(refs);
    yield* ms(250);
    expect(tree.size).toBe(MAX);
  });
});

it('loses whatever has been idle for too long, all at once, and nothing that is in use', () => {
  on(50, {}, function* ({ tree, refs, use, ms }) {
    yield* use(refs);
    tree.idle(refs.slice(0, 40));
    yield* ms(990);
    expect(tree.size).toBe(50);
    yield* ms(1150);
    expect(tree.size).toBe(10);
    yield* ms(5000);
    expect(tree.size).toBe(10);
  });
});
