import type { RunScenario } from '../../experiment/simulation.ts';
import { whyNotRun } from '../validate.ts';
import { Lab, type Claim, type Finding } from './claim.ts';
import { IDENTITY_2018 } from './identity-2018.ts';
import { VIRTIO_2020 } from './virtio-2020.ts';
import { XEN_2013 } from './xen-2013.ts';
import { XENGT_2014 } from './xengt-2014.ts';

export { VERDICTS, type Claim, type Verdict } from './claim.ts';

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
  for (const each of claims) {
    const { number, thread, claim } = each;
    onClaim(number);
    let found: Finding;
    try {
      found = await each.test(lab);
    } catch (thrown) {
      found = { finding: whyNotRun(thrown), verdict: 'not decidable here' };
    }
    tested.push({ number, thread, claim, ...found });
  }
  return tested;
}
