/** Who paid: the critical paths of all completed requests, added up by payer. */
import type { Components } from '../contract/diff.ts';
import { ACTOR_IDS } from '../contract/ids.ts';
import { change } from './change.ts';
import { PAYERS } from './critical-path.ts';
import { completedOf } from './kinds.ts';
import type { Subject } from './subject.ts';

/** Null where a trace has no completed request. */
export function compareComponents(a: Subject, b: Subject): Components | null {
  const [left, right] = [meansOf(a), meansOf(b)];
  if (left === null || right === null) return null;
  return {
    actors: Object.fromEntries(
      ACTOR_IDS.map((actor) => {
        const [own, shared] = [false, true].map((isShared) =>
          PAYERS.findIndex((payer) => payer.actor === actor && payer.shared === isShared),
        ) as [number, number];
        const of = ({ parts }: Means, index: number) => parts[index] as number;
        const total = (means: Means) => of(means, own) + of(means, shared);
        return [
          actor,
          {
            ownNs: change(of(left, own), of(right, own)),
            sharedNs: change(of(left, shared), of(right, shared)),
            totalNs: change(total(left), total(right)),
          },
        ];
      }),
    ),
    waitingNs: change(left.waiting, right.waiting),
    latencyNs: change(left.latency, right.latency),
  };
}

interface Means {
  readonly parts: readonly number[];
  readonly waiting: number;
  readonly latency: number;
}

function meansOf(subject: Subject): Means | null {
  const { requests, parts } = subject.digest;
  const count = completedOf(subject);
  if (count === 0) return null;
  const sums = PAYERS.map((_, payer) => {
    let sum = 0;
    for (let i = payer; i < parts.length; i += PAYERS.length) sum += parts[i] as number;
    return sum;
  });
  let latency = 0;
  requests.completed.forEach((end, i) => {
    if (!Number.isNaN(end)) latency += end - (requests.submitted[i] as number);
  });
  const waiting = latency - sums.reduce((sum, each) => sum + each, 0);
  const mean = (ps: number) => ps / 1000 / count;
  return { parts: sums.map(mean), waiting: mean(waiting), latency: mean(latency) };
}
