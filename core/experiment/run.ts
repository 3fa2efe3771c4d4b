/**
 * A run in progress.
 *
 * Steady state: the first tenth of the requests, at most 1000, are warm-up, and as many as are under
 * way then are cool-down. Rates, CPU times and waits are of what finishes in between, latencies of all
 * that finishes after the warm-up. Counts, hazards and exposure are of the whole run.
 */
import { assert, exists } from '../base/assert.ts';
import { PS_PER_NS } from '../base/brand.ts';
import type { RunResult } from '../contract/result.ts';
import { requestsOf, type Scenario } from '../contract/scenario.ts';
import { Histogram } from '../engine/histogram.ts';
import { NONE, type TraceSink } from '../engine/recording.ts';
import { Iommu } from '../primitives/iommu.ts';
import { Faults } from '../faults/index.ts';
import { HostDma, type DmaApi } from '../primitives/dma-api.ts';
import { cpusOf, type World } from '../primitives/world.ts';
import { REACHERS } from '../safety/oracle.ts';
import { strategyOf } from '../strategies/index.ts';
import type { Carrier, GttMapper, PairJudgement, Strategy } from '../strategies/types.ts';
import { workloadOf } from '../workloads/index.ts';
import type { Request, Workload } from '../workloads/request.ts';
import { assemble, payloadFrames } from './assemble.ts';
import { read, toResult, type Progress, type Readings } from './measure.ts';
import { requireRunnable } from './pairs.ts';
import type { Simulation } from './simulation.ts';

const WARMUP_REQUESTS_MAX = 1000;
/** Resumptions of processes between two looks at how many events there are. */
const SLICE = 1024;
/** So many events without any request finished are a livelock, which must not run for ever. */
const LIVELOCK_EVENTS = 20_000_000;

/**
 * How long a run waits after its last request for what is still under way, from the last buffer that came
 * back. A guest without memory refuses the same acknowledgement for ever. Longer than any timer of the model.
 */
const PATIENCE_PS = 1e12;

/** A request under way. */
interface Open {
  readonly request: Request;
  /** NONE until it is completed. */
  completedPs: number;
}

class Run implements Simulation {
  readonly requestsTotal: number;
  readonly #scenario: Scenario;
  readonly #sink: TraceSink | null;
  readonly #pair: PairJudgement;
  readonly #world: World;
  readonly #iommu: Iommu;
  readonly #carrier: Carrier | null;
  readonly #gtt: GttMapper | null;
  readonly #dma: DmaApi;
  readonly #faults: Faults;
  readonly #workload: Workload;
  readonly #latency = new Histogram();
  readonly #warmup: number;
  /** Requests that have begun and are not retired, by id. */
  readonly #open = new Map<number, Open>();
  #from: Readings;
  /** Readings when as many requests were left as were under way at the end of warm-up. */
  #to: Readings | null = null;
  /** Readings when the last request had finished. */
  #end: Readings | null = null;
  /** Requests that have begun, and how many of them must have finished for the steady state to end. */
  #submitted = 0;
  #inFlightMax = 0;
  #underWay = 0;
  #steadyUntil: number;
  #finished = 0;
  #lastProgress = 0;
  /** When the last request was finished or retired. */
  #lastStepPs = 0;
  /** Has the run ended although it would have gone on? */
  #gaveUp = false;
  #carried = 0;
  #carriedBytes = 0;

  constructor(scenario: Scenario, sink: TraceSink | null, pair: PairJudgement, strategy: Strategy) {
    this.#pair = pair;
    this.#scenario = scenario;
    this.#sink = sink;
    this.requestsTotal = requestsOf(scenario);
    this.#warmup = Math.min(Math.floor(this.requestsTotal / 10), WARMUP_REQUESTS_MAX);
    this.#steadyUntil = this.requestsTotal;
    this.#world = assemble(scenario, strategy, sink);
    this.#iommu = new Iommu(this.#world);
    const mediated = scenario.topology === 'mediated';
    this.#carrier = mediated ? (strategy.carrier?.(this.#world, this.#iommu) ?? null) : null;
    const isGpu = scenario.workload === 'gpu-gtt';
    this.#gtt = isGpu ? (strategy.gtt?.(this.#world, this.#iommu) ?? null) : null;
    this.#dma =
      (mediated ? null : strategy.dma?.(this.#world, this.#iommu)) ??
      new HostDma(this.#world, this.#iommu);
    const workload = workloadOf(scenario.workload);
    this.#workload = workload.create(
      {
        world: this.#world,
        strategy,
        carrier: this.#carrier,
        gtt: this.#gtt,
        dma: this.#dma,
        iommu: this.#iommu,
        events: {
          submitted: (request) => this.#onSubmitted(request),
          completed: (request) => this.#onCompleted(request),
          finished: (request) => this.#onFinished(request),
          retired: (request) => this.#onRetired(request),
        },
      },
      payloadFrames(scenario, strategy),
    );
    this.#from = this.#read();
    holdPools(this.#world, this.#iommu);
    this.#faults = new Faults({ world: this.#world, strategy, iommu: this.#iommu, dma: this.#dma });
    this.#workload.start();
    this.#faults.start();
  }

  get requestsDone(): number {
    return this.#finished;
  }
  get eventsDone(): number {
    return this.#world.recorder.lastId;
  }
  get simulatedNs(): number {
    return this.#world.engine.now / PS_PER_NS;
  }

  step(events: number): boolean {
    const { engine, recorder } = this.#world;
    const until = recorder.lastId + events;
    while (!engine.halted && recorder.lastId < until) {
      const more = engine.run(SLICE);
      assert(more || engine.halted, 'a run came to a standstill');
      assert(
        recorder.lastId - this.#lastProgress < LIVELOCK_EVENTS,
        'a run goes on without finishing a request',
      );
    }
    return !engine.halted;
  }

  finish(): RunResult {
    const { oracle, recorder, counters, engine } = this.#world;
    const complete = engine.halted;
    const end = this.#end ?? this.#read();
    const to = this.#to ?? end;
    if (complete && !this.#faults.wrecked && !this.#gaveUp) {
      this.#carrier?.check();
      this.#gtt?.check();
      this.#dma.check();
      this.#checkBusyTime();
    }
    for (const { request, completedPs } of this.#open.values()) {
      if (completedPs === NONE) oracle.answers.unanswered(request.id, request.submittedPs);
    }
    oracle.finish();
    for (const open of this.#open.values()) this.#report(open);
    counters.finish();
    recorder.finish();
    const exposure = oracle.exposure();
    for (const actor of REACHERS) this.#sink?.exposure(actor, exposure[actor]);
    return toResult({
      scenario: this.#scenario,
      pair: this.#pair,
      world: this.#world,
      workload: this.#workload,
      locks: [
        ...new Set([
          ...(this.#carrier?.locks ?? []),
          ...(this.#gtt?.locks ?? []),
          ...this.#dma.locks,
          ...(this.#world.flushLock.acquisitions > 0 ? [this.#world.flushLock] : []),
        ]),
      ],
      reservedBytes: this.#carrier?.reservedBytes ?? { frontend: 0, backend: 0 },
      iommu: this.#iommu,
      from: this.#from,
      to,
      end,
      latency: this.#latency,
      underWay: this.#underWay,
      inFlightMax: this.#inFlightMax,
      complete,
    });
  }

  #onSubmitted(request: Request): void {
    this.#submitted++;
    this.#inFlightMax = Math.max(this.#inFlightMax, this.#submitted - this.#finished);
    this.#open.set(request.id, { request, completedPs: NONE });
  }

  #onCompleted(request: Request): void {
    const patient = this.#scenario.faults.peer === 'healthy';
    this.#world.oracle.answers.answered(request.id, request.submittedPs, patient);
    this.#openOf(request).completedPs = this.#world.engine.now;
  }

  #onFinished(request: Request): void {
    this.#finished++;
    this.#lastStepPs = this.#world.engine.now;
    this.#lastProgress = this.#world.recorder.lastId;
    this.#faults.answered(this.#finished);
    if (request.lost !== true) {
      this.#carried++;
      this.#carriedBytes += request.bytes;
    }
    if (this.#finished > this.#warmup && request.lost !== true) {
      const { completedPs } = this.#openOf(request);
      assert(completedPs !== NONE, 'finished means completed');
      this.#latency.add(completedPs - request.submittedPs);
    }
    if (this.#finished === this.#warmup) {
      this.#from = this.#read();
      this.#underWay = this.#submitted - this.#finished;
      this.#steadyUntil = this.requestsTotal - this.#cooldown;
    }
    if (this.#finished === this.#steadyUntil) this.#to = this.#read();
    if (this.#finished === this.requestsTotal) {
      this.#end = this.#read();
      this.#world.engine.haltWhen(() => this.#isQuiet());
    }
  }

  /**
   * As many requests as are under way now: work already done for them at the end of warm-up is as much
   * as is done for the last ones after the steady state. At most half of what is left.
   */
  get #cooldown(): number {
    const left = this.requestsTotal - this.#finished;
    return Math.min(this.#submitted - this.#finished, Math.floor(left / 2));
  }

  #read(): Readings {
    return read(this.#world, this.#workload, this.#iommu, this.#progress);
  }

  get #progress(): Progress {
    return {
      finished: this.#finished,
      carried: this.#carried,
      carriedBytes: this.#carriedBytes,
    };
  }

  #onRetired(request: Request): void {
    this.#report(this.#openOf(request));
    this.#open.delete(request.id);
    this.#lastStepPs = this.#world.engine.now;
  }

  #openOf(request: Request): Open {
    return exists(this.#open.get(request.id), 'a request begins before anything else of it');
  }

  #report({ request, completedPs }: Open): void {
    const { recorder } = this.#world;
    this.#sink?.request({
      id: request.id,
      submitted: request.submittedPs,
      completed: completedPs,
      bytes: request.bytes,
      firstEvent: recorder.firstEventOf(request.id),
      lastEvent: recorder.lastEventOf(request.id),
    });
  }

  /** Has everything that belongs to a request been done? Timers may still be running. */
  #isQuiet(): boolean {
    this.#gaveUp = this.#world.engine.now > this.#lastStepPs + PATIENCE_PS;
    if (this.#gaveUp) return true;
    if (this.#workload.isSettled === false) return false;
    return this.#open.size === 0 && cpusOf(this.#world).every((cpu) => cpu.idle);
  }

  /** Every picosecond that a CPU was busy lies inside an event of its track, and the other way round. */
  #checkBusyTime(): void {
    const { recorder } = this.#world;
    for (const cpu of cpusOf(this.#world)) {
      const recorded = recorder.outermostPs(cpu.track);
      assert(
        recorded === cpu.busyPs,
        `${cpu.name} was busy for ${cpu.busyPs} ps and its events cover ${recorded} ps`,
      );
    }
  }
}

/**
 * What a backend has mapped for good: each frame of a pool is held by a reference, and where the IOMMU
 * holds only the backend's own domain, what is mapped there is in it too.
 */
function holdPools({ oracle, frames, hypervisor, hostDma }: World, iommu: Iommu): void {
  const follows = hostDma === 'passthrough' && hypervisor.passthroughReach === 'own-domain';
  for (const { first, frames: count, dedicated, note } of oracle.standingOfBackend()) {
    if (dedicated) for (let mfn = first; mfn < first + count; mfn++) frames.get(mfn);
    if (!follows || iommu.host.bypass) continue;
    iommu.host.table.mapRange(first, count, first, 0);
    oracle.standing('device', first, count, { dedicated, note });
  }
}

/**
 * Prepares a run.
 *
 * @param sink gets the trace, or null to run without one; the result is the same
 * @throws LabError REFUSED_PAIR, BAD_SCENARIO
 */
export function prepareRun(scenario: Scenario, sink: TraceSink | null): Simulation {
  const pair = requireRunnable(scenario);
  const strategy = strategyOf(scenario.strategy);
  return new Run(scenario, sink, pair, strategy);
}

/** Prepares a run of a strategy that is not in the catalogue, for tests of the oracle. */
export function prepareRunOf(
  strategy: Strategy,
  scenario: Scenario,
  sink: TraceSink | null,
): Simulation {
  return new Run(scenario, sink, { status: 'hypothetical', reason: 'a test' }, strategy);
}
