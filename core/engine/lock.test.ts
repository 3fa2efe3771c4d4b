import { expect, it } from 'vitest';
import { ACTOR, Cpu } from './cpu.ts';
import { Engine, type Steps } from './engine.ts';
import { Lock, LOCK } from './lock.ts';
import { Recorder } from './recorder.ts';

it('a contended lock is handed over the later the more CPUs wait for it', () => {
  const engine = new Engine();
  const recorder = new Recorder(engine, null, 6);
  const lock = new Lock(engine, recorder, LOCK.grantTable, 'grant table', 10);
  const got: number[] = [];
  for (const i of [0, 1, 2]) {
    const cpu = new Cpu(engine, `cpu ${i}`, i, i + 3);
    engine.spawn(
      (function* (): Steps {
        yield* lock.acquire(cpu, ACTOR.hypervisor, cpu.track);
        got.push(engine.now);
        yield cpu.charge(ACTOR.hypervisor, 50);
        lock.release();
      })(),
    );
  }
  while (engine.run(100));
  // Held from 0 to 50; two wait: 20 later. Held to 120; one waits: 10 later.
  expect(got).toEqual([0, 70, 130]);
  expect(lock.waitPs).toBe(70 + 130);
});
