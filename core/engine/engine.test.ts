import { describe, expect, it } from 'vitest';
import { InvariantError } from '../base/assert.ts';
import { ACTOR, Cpu } from './cpu.ts';
import { BLOCK, Engine, Signal, type Steps } from './engine.ts';
import { Lock, LOCK } from './lock.ts';
import { RandomStream } from './random.ts';
import { Recorder } from './recorder.ts';

const runAll = (engine: Engine) => {
  while (engine.run(1)) {
    // One resumption at a time: the outcome must not depend on it.
  }
};

describe('the engine', () => {
  it('refuses durations that go back in time', () => {
    const engine = new Engine();
    engine.spawn(
      (function* (): Steps {
        yield -5;
      })(),
    );
    expect(() => engine.run(10)).toThrow(InvariantError);
  });

  it('lets processes take turns by time, whatever the slices of the host', () => {
    const trace = (slice: number): string => {
      const engine = new Engine();
      const log: string[] = [];
      const process = function* (name: string, step: number): Steps {
        for (let i = 0; i < 4; i++) {
          log.push(`${engine.now}${name}`);
          yield step;
        }
      };
      engine.spawn(process('a', 3));
      engine.spawn(process('b', 2));
      engine.spawn(process('c', 6));
      while (engine.run(slice)) {
        // Go on.
      }
      return log.join(' ');
    };
    expect(trace(1)).toBe('0a 0b 0c 2b 3a 4b 6c 6a 6b 9a 12c 18c');
    expect(trace(1000)).toBe(trace(1));
    expect(trace(3)).toBe(trace(1));
  });

  it('does the same whether processes pass time or yield it', () => {
    const trace = (seed: number, passes: (process: number) => boolean, slice: number): string => {
      const engine = new Engine();
      const log: string[] = [];
      const process = function* (id: number): Steps {
        const random = new RandomStream(seed, `process ${id}`);
        for (let i = 0; i < 20; i++) {
          expect(engine.current).toBe(id);
          log.push(`${engine.now} ${id}`);
          // Few distinct durations, so that ties are common.
          const ps = random.below(6);
          if (!passes(id) || !engine.pass(ps)) yield ps;
        }
      };
      // More than may be held up at a time.
      for (let id = 0; id < 40; id++) engine.spawn(process(id));
      while (engine.run(slice)) {
        // Go on.
      }
      return log.join(', ');
    };
    for (let seed = 0; seed < 20; seed++) {
      const yielded = trace(seed, () => false, 1);
      expect(trace(seed, () => true, 1000)).toBe(yielded);
      expect(trace(seed, (id) => id % 3 > 0, 1000)).toBe(yielded);
      expect(trace(seed, () => true, 7)).toBe(yielded);
    }
  });

  it('ends a run in the middle of what a process passes', () => {
    const engine = new Engine();
    const log: string[] = [];
    let quiet = false;
    engine.haltWhen(() => quiet);
    engine.spawn(
      (function* (): Steps {
        if (!engine.pass(100)) yield 100;
        log.push('went on');
      })(),
    );
    engine.spawn(
      (function* (): Steps {
        yield 10;
        quiet = true;
      })(),
    );
    engine.spawn(
      (function* (): Steps {
        yield 20;
        log.push('went on');
      })(),
    );
    engine.run(1000);
    expect(engine.halted).toBe(true);
    expect(log).toEqual([]);
    expect(engine.now).toBe(10);
  });

  it('keeps one signal for a process that is not waiting yet', () => {
    const engine = new Engine();
    const signal = new Signal(engine);
    const seen: number[] = [];
    engine.spawn(
      (function* (): Steps {
        yield 10;
        if (signal.waits()) yield BLOCK;
        seen.push(engine.now);
        if (signal.waits()) yield BLOCK;
        seen.push(engine.now);
      })(),
    );
    signal.raise();
    signal.raise();
    runAll(engine);
    expect(seen).toEqual([10]);
    signal.raise(5);
    runAll(engine);
    expect(seen).toEqual([10, 15]);
  });
});

describe('a CPU', () => {
  it('runs one thread at a time, first come first served', () => {
    const engine = new Engine();
    const cpu = new Cpu(engine, 'cpu', 0, 1);
    const log: string[] = [];
    const thread = function* (name: string): Steps {
      yield* cpu.acquire();
      log.push(`${engine.now} ${name} on`);
      yield cpu.charge(ACTOR.backend, 100);
      log.push(`${engine.now} ${name} off`);
      yield* cpu.release();
    };
    for (const name of ['a', 'b', 'c']) engine.spawn(thread(name));
    runAll(engine);
    expect(log).toEqual(['0 a on', '100 a off', '100 b on', '200 b off', '200 c on', '300 c off']);
    expect(cpu.busyPs).toBe(300);
    expect(cpu.idle).toBe(true);
  });

  it('takes an interrupt at once when idle, and at the next interrupt point when busy', () => {
    const engine = new Engine();
    const cpu = new Cpu(engine, 'cpu', 0, 1);
    const taken: number[] = [];
    const handler = function* (): Steps {
      taken.push(engine.now);
      yield cpu.charge(ACTOR.backend, 1);
    };
    engine.spawn(
      (function* (): Steps {
        yield 7;
        cpu.interrupt(handler);
        yield 13;
        cpu.interrupt(handler);
      })(),
    );
    engine.spawn(
      (function* (): Steps {
        yield 18;
        yield* cpu.acquire();
        yield cpu.charge(ACTOR.backend, 10);
        yield* cpu.release();
      })(),
    );
    runAll(engine);
    expect(taken).toEqual([7, 28]);
  });
});

describe('a spinlock', () => {
  it('hands over in order, and whoever spins is busy', () => {
    const engine = new Engine();
    const recorder = new Recorder(engine, null, 4);
    const lock = new Lock(engine, recorder, LOCK.p2m, 'p2m');
    const cpus = [0, 1].map((i) => new Cpu(engine, `cpu ${i}`, i, i + 2));
    const thread = function* (cpu: Cpu): Steps {
      yield* lock.acquire(cpu, ACTOR.hypervisor, cpu.track);
      yield cpu.charge(ACTOR.hypervisor, 50);
      lock.release();
    };
    for (const cpu of cpus) engine.spawn(thread(cpu));
    runAll(engine);
    expect(lock.waitPs).toBe(50);
    expect(cpus.map((cpu) => cpu.busyPs)).toEqual([50, 100]);
  });
});
