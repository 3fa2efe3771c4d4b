/** Hazards and reach that appear, vanish or change. */
import {
  REACH,
  type Change,
  type ExposureDiff,
  type HazardDiff,
  type Turn,
} from '../contract/diff.ts';
import { HAZARD_IDS, HAZARDS, type HazardId } from '../contract/ids.ts';
import type { Exposure } from '../contract/result.ts';
import { change } from './change.ts';
import type { Subject } from './subject.ts';

/** Hazards that at least one trace was checked for. */
export function compareHazards(a: Subject, b: Subject): HazardDiff[] {
  const [inA, inB] = [a.hazards ?? {}, b.hazards ?? {}];
  const codes = [...new Set([...HAZARD_IDS, ...[...Object.keys(inA), ...Object.keys(inB)].sort()])];
  return codes.flatMap((code) => {
    const occurrences = change(inA[code] ?? null, inB[code] ?? null);
    if (occurrences.a === null && occurrences.b === null) return [];
    const name = code in HAZARDS ? HAZARDS[code as HazardId].name : code;
    return [{ code, name, occurrences, turn: turnOf(occurrences) }];
  });
}

/** Actors of either trace; an actor that a run does not mention reaches nothing beyond need. */
export function compareExposure(a: Subject, b: Subject): ExposureDiff[] {
  const actors = new Set([...Object.keys(a.exposure ?? {}), ...Object.keys(b.exposure ?? {})]);
  const of = (subject: Subject, actor: string, reach: keyof Exposure) =>
    subject.exposure === null ? null : (subject.exposure[actor]?.[reach] ?? 0);
  return [...actors].sort().map((actor) => ({
    actor,
    reach: Object.fromEntries(
      REACH.map((reach) => {
        const both = change(of(a, actor, reach), of(b, actor, reach));
        return [reach, { ...both, turn: turnOf(both) }];
      }),
    ) as ExposureDiff['reach'],
  }));
}

function turnOf({ a, b }: Change): Turn {
  if (a === null) return 'not checked in a';
  if (b === null) return 'not checked in b';
  if (a === b) return 'same';
  if (a === 0) return 'appears';
  if (b === 0) return 'vanishes';
  return b > a ? 'more' : 'less';
}
