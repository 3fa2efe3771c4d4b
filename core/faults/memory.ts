/** Memory that becomes scarce, and memory that is added. */
import type { DmaApi } from '../primitives/dma-api.ts';
import type { Steps } from '../engine/engine.ts';
import type { Cpu } from '../engine/cpu.ts';
import { K } from '../contract/kinds.ts';
import { NONE } from '../engine/recording.ts';
import { PAGE_SIZE } from '../base/brand.ts';
import type { World } from '../primitives/world.ts';

/** Each backend may spend half of what it could; what it has spent stays. */
export function memoryPressure(world: World): void {
  for (const { budget } of world.backends) budget.setLimit(Math.floor(budget.limit / 2));
}

/** Memory is added to guest 0: a driver that keeps all of it mapped must map that too. */
export function hotplug(world: World, dma: DmaApi): void {
  const cpu = world.guests[0]?.cpus[0];
  if (cpu === undefined || dma.extend === undefined) return;
  const frames = (world.scenario.faults.hotplugMiB * 2 ** 20) / PAGE_SIZE;
  cpu.interrupt(() => extend(world, dma, cpu, frames));
}

function* extend(world: World, dma: DmaApi, cpu: Cpu, frames: number): Steps {
  const span = world.recorder.begin(K.hardirq, cpu.track, NONE);
  yield* dma.extend?.(cpu, world.frames.size, frames) ?? [];
  world.recorder.end(span, cpu.track);
}
