/** A run with its hazards and its events kept, for tests that ask when and where something happened. */
import type { HazardId } from '../../core/contract/ids.ts';
import type { RunResult } from '../../core/contract/result.ts';
import { parseScenario, type ScenarioInput } from '../../core/contract/scenario.ts';
import { COUNTERS } from '../../core/engine/counters.ts';
import { NONE, type HazardRecord, type TraceSink } from '../../core/engine/recording.ts';
import { prepareRun } from '../../core/experiment/index.ts';

/** One event, as far as these tests look. */
export interface Seen {
  readonly kind: number;
  readonly frame: number;
  readonly n: number;
  readonly arg: number;
}

export class Watch implements TraceSink {
  readonly hazards: HazardRecord[] = [];
  readonly seen: Seen[] = [];
  readonly #kinds: ReadonlySet<number>;
  readonly #samples = new Map<number, number>();

  /** @param kinds of the events to keep */
  constructor(kinds: readonly number[] = []) {
    this.#kinds = new Set(kinds);
  }

  of(code: HazardId): readonly HazardRecord[] {
    return this.hazards.filter((each) => each.code === code);
  }

  /** Greatest value of a counter. */
  maxOf(counter: keyof typeof COUNTERS): number {
    return this.#samples.get(COUNTERS[counter]) ?? 0;
  }

  /** Longest that one occurrence was open, picoseconds; those open at the end do not count. */
  longest(code: HazardId): number {
    const closed = this.of(code).filter((each) => each.closed !== NONE);
    return closed.reduce((most, { opened, closed: end }) => Math.max(most, end - opened), 0);
  }

  /** Most occurrences that were open at once. */
  mostAtOnce(code: HazardId): number {
    const changes = this.of(code).flatMap(({ opened, closed }) => [
      { at: opened, by: 1 },
      { at: closed === NONE ? Infinity : closed, by: -1 },
    ]);
    changes.sort((a, b) => (a.at === b.at ? a.by - b.by : a.at - b.at));
    let open = 0;
    return changes.reduce((most, { by }) => Math.max(most, (open += by)), 0);
  }

  begin(): void {
    // Tracks are not looked at.
  }
  request(): void {
    // Nor requests.
  }
  exposure(): void {
    // Nor exposure, which a result has.
  }
  hazard(record: HazardRecord): void {
    this.hazards.push(record);
  }
  sample(counter: number, _ts: number, value: number): void {
    this.#samples.set(counter, Math.max(value, this.#samples.get(counter) ?? 0));
  }
  events({ count, kind, frame, n, arg }: Parameters<TraceSink['events']>[0]): void {
    for (let i = 0; i < count; i++) {
      if (!this.#kinds.has(kind[i] as number)) continue;
      this.seen.push({
        kind: kind[i] as number,
        frame: frame[i] as number,
        n: n[i] as number,
        arg: arg[i] as number,
      });
    }
  }
}

/** Runs a scenario to its end. */
export function run(input: ScenarioInput, sink: TraceSink | null = null): RunResult {
  const simulation = prepareRun(parseScenario(input), sink);
  while (simulation.step(100_000)) {
    // Go on.
  }
  return simulation.finish();
}
