/** The field's table of hazards, held against runs of every strategy in every place. */
import { describe, expect, it } from 'vitest';
import { STRATEGY_IDS } from '../../core/contract/ids.ts';
import { expectationOf, type Place } from '../../core/safety/expectations.ts';
import { EXPLAINED } from './explained.ts';
import { contradictionsOf, tell, type Contradiction } from './walk.ts';

/** A strategy takes some sixty runs. */
const TIMEOUT_MS = 120_000;
/** Contradictions that a failure tells in full. */
const TOLD = 5;

const explains = (contradiction: Contradiction) =>
  EXPLAINED.find(
    ({ strategy, hazard, adversary, where }) =>
      strategy === contradiction.strategy &&
      hazard === contradiction.hazard &&
      adversary === contradiction.adversary &&
      where.test(contradiction.where),
  );

describe('the table', () => {
  const place: Place = {
    topology: 'mediated',
    relaxed: false,
    lazy: false,
    native: true,
    hostPins: false,
    backendCopies: false,
  };

  it('expects what is inherent when its trigger is there, and nothing without an entry', () => {
    expect(expectationOf('grant-map', 'H3', place, 'none').expect).toBe('some');
    expect(expectationOf('grant-map', 'H8', place, 'none').expect).toBe('open');
    expect(expectationOf('grant-map', 'H5', place, 'balloon').expect).toBe('none');
    expect(expectationOf('argo', 'H8', place, 'rogue-frontend').expect).toBe('none');
  });

  it('knows what changes with the place', () => {
    const relaxed = { ...place, relaxed: true };
    expect(expectationOf('grant-copy', 'H7', relaxed, 'none').expect).toBe('some');
    expect(expectationOf('grant-copy', 'H7', place, 'none').expect).toBe('open');
    const copies = { ...place, backendCopies: true };
    expect(expectationOf('swiotlb-bounce', 'H8', copies, 'rogue-frontend').expect).toBe('open');
    expect(expectationOf('grant-map', 'H8', copies, 'rogue-frontend').expect).toBe('some');
    const pins = { ...place, hostPins: true };
    expect(expectationOf('map-all-memory', 'H5', pins, 'balloon').expect).toBe('none');
    expect(expectationOf('map-all-memory', 'H5', place, 'balloon').expect).toBe('some');
  });
});

describe('runs show what the table expects', () => {
  const all: Contradiction[] = [];

  it.each(STRATEGY_IDS)(
    '%s',
    (strategy) => {
      const { runs, found } = contradictionsOf(strategy);
      all.push(...found);
      expect(runs).toBeGreaterThan(0);
      const open = found.filter((each) => explains(each) === undefined);
      if (open.length === 0) return;
      const told = open.slice(0, TOLD).map(tell);
      expect.fail(`${open.length} contradictions\n${told.join('\n')}`);
    },
    TIMEOUT_MS,
  );

  it('and no explanation outlives its contradiction', () => {
    const needed = new Set(all.map(explains));
    expect(EXPLAINED.filter((each) => !needed.has(each))).toEqual([]);
  });
});
