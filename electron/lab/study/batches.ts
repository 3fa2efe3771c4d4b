/** Runs that a window asks for, kept as a study of the library while they are made. */
import path from 'node:path';
import type { Keep, RunJob, Scenario } from '../../../core/contract/index.ts';
import { canonicalJson } from '../../../core/engine/fingerprint.ts';
import { parsePlan, type Plan } from '../../../core/sweep/index.ts';
import { KeptPlan } from './kept-plan.ts';
import type { Live, PlanDocument, Studies } from './studies.ts';

/** The runs of one request. */
export interface Batch {
  readonly study: string;
  /** Fires when somebody stops the study. */
  readonly signal: AbortSignal;
  /** What a run came to, with the file of its trace. */
  readonly put: (job: RunJob, trace: string | null) => void;
  /** All are over. */
  readonly end: () => void;
}

interface Open {
  readonly kept: KeptPlan;
  readonly live: Live;
  batches: number;
}

export class Batches {
  readonly #studies: Studies;
  readonly #now: () => Date;
  readonly #open = new Map<string, Open>();

  constructor(studies: Studies, now: () => Date) {
    this.#studies = studies;
    this.#now = now;
  }

  /**
   * Takes in runs of a plan: into the study that there is of it, or into a new one.
   * @throws LabError for what is wrong with the plan, and UNWRITABLE
   */
  begin({ plan: document, asked }: Keep, scenarios: readonly Scenario[]): Batch {
    const plan = parsePlan(document);
    const { id, open } =
      this.#openAgain(document, plan, scenarios) ??
      this.#openFirst(this.#studies.create(document, asked), plan, scenarios);
    const { kept, live } = open;
    open.batches++;
    live.toMake += scenarios.length;
    this.#studies.tell(id);
    return {
      study: id,
      signal: live.stop.signal,
      put: (job, trace) => {
        try {
          kept.put(job, trace);
        } catch (thrown) {
          this.#studies.fail(id, thrown);
        }
        live.made++;
        this.#studies.tell(id);
      },
      end: () => {
        open.batches--;
        if (open.batches > 0) return;
        this.#open.delete(id);
        kept.close();
        this.#studies.end(id);
      },
    };
  }

  /** The latest study of the same plan, where its results can be added to. */
  #openAgain(document: PlanDocument, plan: Plan, scenarios: readonly Scenario[]) {
    for (const { id, kind } of this.#studies.list()) {
      if (kind !== 'plan' || !this.#isOf(id, document)) continue;
      const open = this.#open.get(id);
      if (open !== undefined) return { id, open };
      // It is being resumed as a sweep.
      if (this.#studies.isLive(id)) continue;
      try {
        return this.#openFirst(id, plan, scenarios);
      } catch {
        // Made by another version or with other profiles, or damaged: it stays as it is.
      }
    }
    return null;
  }

  #isOf(id: string, document: PlanDocument): boolean {
    try {
      return canonicalJson(this.#studies.plan(id)) === canonicalJson(document);
    } catch {
      return false;
    }
  }

  #openFirst(id: string, plan: Plan, asked: readonly Scenario[]) {
    const others = this.#studies.list().filter((each) => each.id !== id && each.done > 0);
    const kept = new KeptPlan({
      folder: path.resolve(this.#studies.place(id)),
      plan,
      asked,
      others: others.map(({ database }) => database),
      now: this.#now,
      onFailure: (thrown) => this.#studies.fail(id, thrown),
    });
    const open: Open = { kept, live: this.#studies.begin(id), batches: 0 };
    this.#open.set(id, open);
    return { id, open };
  }
}
