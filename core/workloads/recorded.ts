/** What a recorded stream must be like to be played. */
import { LabError } from '../contract/errors.ts';
import type { Scenario } from '../contract/scenario.ts';

/** Bytes that one request may have: an IP packet's worth, or what a block layer takes at once. */
const MOST_BYTES = { net: 65_536, blk: 4_194_304 } as const;
/** A start later than an hour would come near the end of engine time. */
const LATEST_NS = 3.6e12;

/** @throws LabError BAD_SCENARIO naming the first request that is wrong, from 0 */
export function checkRecorded({ protocol, stream }: Scenario['recorded']): void {
  const wrong = (what: string, where: string, remedy: string): never => {
    throw new LabError('BAD_SCENARIO', what, where, remedy);
  };
  if (stream.length === 0) {
    wrong(
      'a recorded workload has no requests',
      'recorded.stream',
      'take them from a trace: mapcopy run --stream FILE',
    );
  }
  const most = MOST_BYTES[protocol];
  let before = 0;
  stream.forEach(([ns, bytes, direction], i) => {
    const where = `recorded.stream[${i}]`;
    if (!(ns >= before && ns <= LATEST_NS)) {
      wrong(`starts at ${ns} ns`, where, 'starts never go back, and lie within the first hour');
    }
    if (!Number.isInteger(bytes) || bytes < 1 || bytes > most) {
      wrong(`has ${bytes} bytes`, where, `a request of this protocol has 1 to ${most} bytes`);
    }
    if (direction !== 0 && direction !== 1) {
      wrong(`has direction ${direction}`, where, '0 is out of the guest, 1 into it');
    }
    before = ns;
  });
}
