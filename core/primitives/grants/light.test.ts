import { describe, expect, it } from 'vitest';
import { exists } from '../../base/assert.ts';
import { parseScenario } from '../../contract/scenario.ts';
import type { Steps } from '../../engine/engine.ts';
import { assemble } from '../../experiment/assemble.ts';
import { GNTST } from '../../memory/grant-table.ts';
import { grantLight } from '../../strategies/grant-light.ts';
import { Iommu } from '../iommu.ts';
import { Grants } from './index.ts';
import { LightGrants, type Lease } from './light.ts';

describe('a page that is leased', () => {
  it('goes to nobody else from the pin on, even when its owner gives it back just then', () => {
    const world = assemble(parseScenario({ strategy: 'grant-light' }), grantLight, null);
    const { engine, frames } = world;
    const iommu = new Iommu(world);
    const grants = new Grants(world, iommu);
    const light = new LightGrants(world, grants, iommu);
    const guest = exists(world.guests[0], 'one guest');
    const backend = exists(world.backends[0], 'one backend');
    const [front, cpu] = [exists(guest.cpus[0], 'a vCPU'), exists(backend.cpus[0], 'a CPU')];
    const mfn = guest.memory.first + 1;
    const UNKNOWN = 99;
    let ended = false;
    engine.spawn(
      (function* (): Steps {
        const ref = yield* grants.grant(front, guest, backend, mfn, true, 0);
        const lease: Lease = {
          guest: 0,
          ref,
          readonly: true,
          request: 0,
          mfn: -1,
          status: UNKNOWN,
          state: 'live',
        };
        engine.spawn(
          (function* (): Steps {
            while (lease.status === UNKNOWN) yield 1000;
            frames.surrender(mfn);
          })(),
        );
        yield* cpu.acquire();
        yield* light.map(cpu, [lease]);
        expect([lease.status, lease.mfn]).toEqual([GNTST.okay, mfn]);
        expect(frames.ownerOf(mfn)).toBe(guest.domain);
        yield* light.expire(cpu, [lease]);
        expect(frames.ownerOf(mfn)).toBe(-1);
        yield* cpu.release();
        ended = true;
      })(),
    );
    while (engine.run(1000));
    expect(ended).toBe(true);
  });
});
