import { LabError } from '../../contract/errors.ts';
import type { RunScenario } from '../validate.ts';
import { Lab, type Claim, type Finding } from './claim.ts';
import { IDENTITY_2018 } from './identity-2018.ts';
import { VIRTIO_2020 } from './virtio-2020.ts';
import { XEN_2013 } from './xen-2013.ts';
import { XENGT_2014 } from './xengt-2014.ts';

export type { Claim, Verdict } from './claim.ts';

/** All claims by number. */
export const CLAIMS: readonly Claim[] = [
  ...XEN_2013,
  ...XENGT_2014,
  ...VIRTIO_2020,
  ...IDENTITY_2018,
].sort((a, b) => a.number - b.number);

/** A claim with what the lab finds. */
export interface TestedClaim extends Finding {
  readonly number: number;
  readonly thread: string;
  readonly claim: string;
}

/** Tests claims one after the other. @param onClaim told before each */
export async function testClaims(
  claims: readonly Claim[],
  run: RunScenario,
  onClaim: (number: number) => void = () => undefined,
): Promise<readonly TestedClaim[]> {
  const lab = new Lab(run);
  const tested: TestedClaim[] = [];
  for (const { number, thread, claim, test } of claims) {
    onClaim(number);
    let found: Finding;
    try {
      found = await test(lab);
    } catch (thrown) {
      if (!(thrown instanceof LabError)) throw thrown;
      found = { finding: `cannot be run: ${thrown.data.what}`, verdict: 'not decidable here' };
    }
    tested.push({ number, thread, claim, ...found });
  }
  return tested;
}
