import { describe, expect, it } from 'vitest';
import type { EventRow, HazardAlternative, HazardRow } from '../../../core/contract/index.ts';
import { stepsOf, withoutOf } from './story.ts';

const event = (id: number, ts: number) => ({ id, ts, dur: 0 }) as EventRow;
const hazard = (closed: number | null) => ({ id: 1, code: 'H4', opened: 100, closed }) as HazardRow;

describe('the steps of a hazard', () => {
  it('are its causes alone where nothing else is known of the frame', () => {
    expect(stepsOf(hazard(200), [event(5, 100)], [])).toEqual([
      { event: event(5, 100), part: 'cause' },
    ]);
  });

  it('are in order, each once, and end with the hazard', () => {
    const around = [event(7, 300), event(6, 150), event(5, 100), event(2, 40), event(2, 40)];
    const parts = stepsOf(hazard(200), [event(5, 100)], around);
    expect(parts.map((step) => [step.event.id, step.part])).toEqual([
      [2, 'before'],
      [5, 'cause'],
      [6, 'during'],
    ]);
    expect(stepsOf(hazard(null), [event(5, 100)], around).at(-1)?.event.id).toBe(7);
  });

  it('begin with the nearest where there were many', () => {
    const around = Array.from({ length: 20 }, (_, index) => event(index + 1, index));
    const steps = stepsOf(hazard(200), [event(50, 100)], around);
    expect(steps[0]?.event.id).toBe(15);
  });
});

describe('what would do without', () => {
  const row = (strategy: string, hostDma: string, expect: string) =>
    ({ strategy, hostDma, expect, pair: 'native', why: '' }) as HazardAlternative;

  it('is nothing where everything has it', () => {
    expect(withoutOf([row('grant-map', 'lazy', 'some')])).toEqual([]);
  });

  it('names what needs no other mode first', () => {
    const list = [
      row('grant-map', 'lazy', 'some'),
      row('grant-map', 'strict', 'none'),
      row('grant-copy', 'lazy', 'none'),
      row('argo', 'lazy', 'open'),
    ];
    expect(withoutOf(list)).toEqual([
      { hostDma: 'lazy', changed: false, strategies: ['grant-copy'], proposed: [] },
      { hostDma: 'strict', changed: true, strategies: ['grant-map'], proposed: [] },
    ]);
  });

  it('keeps apart what does not exist there', () => {
    const light = { ...row('grant-light', 'lazy', 'none'), pair: 'hypothetical' } as const;
    expect(withoutOf([row('grant-copy', 'lazy', 'none'), light])).toEqual([
      { hostDma: 'lazy', changed: false, strategies: ['grant-copy'], proposed: ['grant-light'] },
    ]);
  });
});
