import { requestsOf, type Scenario } from '../contract/scenario.ts';
import { K } from '../contract/kinds.ts';
import type { Steps } from '../engine/engine.ts';
import { NONE } from '../engine/recording.ts';
import type { DmaApi } from '../primitives/dma-api.ts';
import type { Iommu } from '../primitives/iommu.ts';
import type { World } from '../primitives/world.ts';
import type { Strategy } from '../strategies/types.ts';
import { balloon } from './balloon.ts';
import { backendCrash, guestCrash } from './crashes.ts';
import { hotplug, memoryPressure } from './memory.ts';
import { rogueBackend, rogueDevice, rogueFrontend } from './rogues.ts';

/** `arg` of a TROUBLE event; see FORMAT.md. */
export const TROUBLE = {
  balloon: 0,
  rogueDevice: 1,
  rogueBackend: 2,
  peer: 3,
  guestCrash: 4,
  backendCrash: 5,
  memoryPressure: 6,
  hotplug: 7,
  migration: 8,
  rogueFrontend: 9,
} as const;

/** A peer that plays slow takes so many times as long. */
const SLOW_FACTOR = 100;
/** How long a run goes on after its last answer has become impossible: 50 ms. */
const AFTERMATH_PS = 50_000_000_000;

const US = 1_000_000;

/** What faults strike. */
export interface Parts {
  readonly world: World;
  readonly strategy: Strategy;
  readonly iommu: Iommu;
  readonly dma: DmaApi;
}

/** The faults of one run. */
export class Faults {
  readonly #parts: Parts;
  readonly #scenario: Scenario;
  readonly #deadAfter: number;
  /** CPUs have stopped in the middle of something: books of busy time do not close any more. */
  wrecked = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#scenario = parts.world.scenario;
    this.#deadAfter =
      this.#scenario.faults.peer === 'dead' ? Math.ceil(requestsOf(this.#scenario) / 10) : Infinity;
  }

  /** Sets everything going that the scenario asks for. */
  start(): void {
    const { world } = this.#parts;
    const { faults } = this.#scenario;
    const { engine } = world;
    const go = (trouble: number, process: Steps) => engine.spawn(this.#announced(trouble, process));
    if (faults.balloonPerSecond > 0) go(TROUBLE.balloon, balloon(world, this.#parts.strategy));
    if (faults.rogueDevice) go(TROUBLE.rogueDevice, rogueDevice(world, this.#parts.iommu));
    if (faults.rogueBackend) go(TROUBLE.rogueBackend, rogueBackend(world));
    if (faults.rogueFrontend) go(TROUBLE.rogueFrontend, rogueFrontend(world));
    if (faults.peer === 'slow') {
      this.#announce(TROUBLE.peer);
      for (const cpu of world.backends.flatMap((each) => each.cpus)) cpu.slow(SLOW_FACTOR);
    }
    this.#at(faults.guestCrashUs, TROUBLE.guestCrash, () => {
      guestCrash(world);
      this.#wreck();
    });
    this.#at(faults.backendCrashUs, TROUBLE.backendCrash, () => {
      backendCrash(world, this.#parts.strategy);
      this.#wreck();
    });
    this.#at(faults.memoryPressureUs, TROUBLE.memoryPressure, () => memoryPressure(world));
    this.#at(faults.hotplugUs, TROUBLE.hotplug, () => hotplug(world, this.#parts.dma));
    this.#at(faults.migrationUs, TROUBLE.migration, () => world.dirty?.stopAndCopy());
  }

  /** So many requests have been answered: a dead peer dies after the tenth part of them. */
  answered(count: number): void {
    if (count !== this.#deadAfter) return;
    this.#announce(TROUBLE.peer);
    for (const cpu of this.#parts.world.backends.flatMap((each) => each.cpus)) cpu.stop();
    this.#wreck();
  }

  /** Nothing will be answered any more: the run ends when the dust has settled. */
  #wreck(): void {
    this.wrecked = true;
    const { engine } = this.#parts.world;
    engine.spawn(
      (function* (): Steps {
        yield AFTERMATH_PS;
        engine.halted = true;
      })(),
    );
  }

  #at(us: number, trouble: number, strike: () => void): void {
    if (us === 0) return;
    const announce = () => this.#announce(trouble);
    this.#parts.world.engine.spawn(
      (function* (): Steps {
        yield us * US;
        announce();
        strike();
      })(),
    );
  }

  *#announced(trouble: number, process: Steps): Steps {
    this.#announce(trouble);
    yield* process;
  }

  #announce(trouble: number): void {
    const { recorder, tracks } = this.#parts.world;
    recorder.leaf(K.trouble, tracks.oracle, 0, NONE, NONE, NONE, NONE, NONE, trouble);
  }
}
