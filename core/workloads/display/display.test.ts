/** A picture that stays where it is. */
import { expect, it } from 'vitest';
import { runSeen } from '../../experiment/testing.ts';

it('is mapped with one hypercall, and flushed for each 32 pages when it goes', () => {
  const { events } = runSeen({ strategy: 'grant-map', workload: 'display', requests: 3 });
  const of = (kind: string) => events.filter((each) => each.kind === kind);
  // 1920 by 1080 pixels of four bytes: 2025 pages.
  expect(of('GNTTABOP_map_grant_ref').map((each) => each.n)).toEqual([2025]);
  expect(of('display_frame').length).toBe(3);
  expect(of('TLB.ipi').length).toBe(Math.ceil(2025 / 32));
});
