/** A claim of the field's threads, and an experiment that tests it. */
import type { RunResult } from '../../contract/result.ts';
import { parseScenario, type ScenarioInput } from '../../contract/scenario.ts';
import type { RunScenario } from '../../experiment/simulation.ts';

export const VERDICTS = ['reproduced', 'contradicted', 'depends', 'not decidable here'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** What an experiment found: numbers in a sentence, and what follows from them. */
export interface Finding {
  readonly finding: string;
  readonly verdict: Verdict;
}

export interface Claim {
  readonly number: number;
  /** Thread: 000 to 004. */
  readonly thread: string;
  readonly claim: string;
  test(lab: Lab): Promise<Finding> | Finding;
}

/** Runs scenarios for experiments, each once. */
export class Lab {
  readonly #run: RunScenario;
  readonly #known = new Map<string, Promise<RunResult>>();

  constructor(run: RunScenario) {
    this.#run = run;
  }

  run(input: ScenarioInput): Promise<RunResult> {
    const key = JSON.stringify(input);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const made = this.#run(parseScenario(input));
    this.#known.set(key, made);
    return made;
  }
}

/** All actors' CPU time for each byte, nanoseconds. */
export const cpuPerByte = (result: RunResult): number =>
  Object.values(result.cpuNsPerByte).reduce((sum, each) => sum + each, 0);

export const hazard = (result: RunResult, id: keyof RunResult['hazards']): number =>
  result.hazards[id] ?? 0;

export const figure = (value: number): string => String(Number(value.toPrecision(3)));

/** `reproduced` or `contradicted`. */
export const verdictOf = (holds: boolean): Verdict => (holds ? 'reproduced' : 'contradicted');

/** Holds everywhere, nowhere, or here and there. */
export function verdictOver(holds: readonly boolean[]): Verdict {
  if (holds.every(Boolean)) return 'reproduced';
  return holds.some(Boolean) ? 'depends' : 'contradicted';
}
