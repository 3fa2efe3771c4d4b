/** All requests of a diff in one line: how the latency of each changed. */
import type { ChangeStrip } from '../contract/diff.ts';
import { tidy } from './change.ts';
import type { RequestColumns } from './digest.ts';
import type { Pairs } from './pairs.ts';

/** Places at most: what is drawn of them is hardly wider. */
const PLACES = 400;

/** @param a requests of the first trace, which `pairs` counts by position */
export function changeStrip(a: RequestColumns, pairs: Pairs): ChangeStrip {
  const { changePs } = pairs;
  const each = Math.max(1, Math.ceil(changePs.length / PLACES));
  const strip = {
    each,
    first: [] as number[],
    atNs: [] as number[],
    meanNs: [] as number[],
    leastNs: [] as number[],
    mostNs: [] as number[],
    largest: [] as number[],
  };
  const requestAt = (pair: number) => a.id[pairs.a[pair] as number] as number;
  for (let from = 0; from < changePs.length; from += each) {
    const to = Math.min(from + each, changePs.length);
    let sum = 0;
    let [least, most] = [from, from];
    for (let i = from; i < to; i++) {
      const change = changePs[i] as number;
      sum += change;
      if (change < (changePs[least] as number)) least = i;
      if (change > (changePs[most] as number)) most = i;
    }
    const down = Math.abs(changePs[least] as number);
    const up = Math.abs(changePs[most] as number);
    strip.first.push(requestAt(from));
    strip.atNs.push((a.submitted[pairs.a[from] as number] as number) / 1000);
    strip.meanNs.push(tidy(sum / (to - from) / 1000));
    strip.leastNs.push((changePs[least] as number) / 1000);
    strip.mostNs.push((changePs[most] as number) / 1000);
    strip.largest.push(requestAt(down > up ? least : most));
  }
  return strip;
}
