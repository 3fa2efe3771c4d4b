import { LabError } from '../../../core/contract/index.ts';
import {
  CLAIMS,
  testClaims,
  VERDICTS,
  type Claim,
  type TestedClaim,
  type Verdict,
} from '../../../core/validation/claims/index.ts';
import type { Command } from '../command.ts';
import { withLab } from '../in-process-lab.ts';
import { JSON_OPTION, usage, type Arguments } from '../options.ts';
import { runner } from '../runner.ts';
import { wrap } from '../text.ts';

/** `mapcopy claims`. */
export const claimsCommand: Command = {
  name: 'claims',
  summary: 'Test what the field’s threads claim, one experiment each.',
  synopsis: '[options]',
  options: {
    only: { value: 'N', repeatable: true, doc: 'Only the claim of this number.' },
    ...JSON_OPTION,
  },
  notes: [
    `Each claim has a number, an experiment and a verdict: ${VERDICTS.join(', ')}.\nA claim that is contradicted is a finding: the exit status is 0 all the same.`,
    'Examples:\n  mapcopy claims\n  mapcopy claims --only 17 --only 22 --json',
  ],
  async run(args, io) {
    const claims = chosen(args);
    const tested = await withLab(io, (client) => {
      const { run, about } = runner(client, io);
      let tests = 0;
      return testClaims(claims, run, (n) => {
        about(`${++tests} of ${claims.length}: claim ${n}`);
      });
    });
    const verdicts = countsOf(tested);
    const found = { claims: tested, verdicts };
    io.out(args.has('json') ? `${JSON.stringify(found, null, 2)}\n` : textOf(tested, verdicts));
    return 0;
  },
};

/** @throws LabError BAD_USAGE, UNKNOWN_ID for a number that no claim has */
function chosen(args: Arguments): readonly Claim[] {
  const [extra] = args.positionals;
  if (extra !== undefined) {
    throw usage('claims takes options only', `claims ${extra}`, `write --only ${extra}`);
  }
  const only = args.options.filter(({ name }) => name === 'only').map(({ value }) => value);
  const numbers = CLAIMS.map(({ number }) => String(number));
  const wrong = only.find((text) => !numbers.includes(text));
  if (wrong !== undefined) {
    const what = `there is no claim ${JSON.stringify(wrong)}`;
    throw new LabError('UNKNOWN_ID', what, '--only', `use a number from 1 to ${CLAIMS.length}`);
  }
  return only.length === 0 ? CLAIMS : CLAIMS.filter(({ number }) => only.includes(String(number)));
}

type Counts = Readonly<Record<Verdict, number>>;

function countsOf(tested: readonly TestedClaim[]): Counts {
  const of = (verdict: Verdict) => tested.filter((each) => each.verdict === verdict).length;
  return Object.fromEntries(VERDICTS.map((verdict) => [verdict, of(verdict)])) as Counts;
}

function textOf(tested: readonly TestedClaim[], verdicts: Counts): string {
  const indented = (text: string) => wrap(text, 84).replaceAll(/^/gm, '    ');
  const blocks = tested.map(
    ({ number, thread, claim, finding, verdict }) =>
      `${number}. [thread ${thread}] ${verdict.toUpperCase()}\n${indented(claim)}\n${indented(`Found: ${finding}.`)}\n`,
  );
  const counts = VERDICTS.map((verdict) => `${verdicts[verdict]} ${verdict}`).join(', ');
  return [...blocks, `${tested.length} claims: ${counts}. Simulated.`, ''].join('\n');
}
