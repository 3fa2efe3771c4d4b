import { describe, expect, it } from 'vitest';
import { LabKeeper, type KeeperClock } from './keeper.ts';
import type { HostMessage, LabProcess } from './messages.ts';

/** A clock that stands still until it is told to move. */
class TestClock implements KeeperClock {
  #now = 0;
  #timers: { at: number; action: () => void }[] = [];
  now(): number {
    return this.#now;
  }
  later(action: () => void, ms: number): void {
    this.#timers.push({ at: this.#now + ms, action });
  }
  advance(ms: number): void {
    this.#now += ms;
    const due = this.#timers.filter(({ at }) => at <= this.#now);
    this.#timers = this.#timers.filter(({ at }) => at > this.#now);
    for (const { action } of due) action();
  }
}

class FakeProcess implements LabProcess<string> {
  readonly sent: (readonly [string, string?])[] = [];
  killed = false;
  /** Takes its time to die. */
  holdsOn = false;
  #exit: (code: number) => void = () => undefined;
  send(message: HostMessage, port?: string): void {
    this.sent.push(port === undefined ? [message.type] : [message.type, port]);
  }
  onExit(listener: (code: number) => void): void {
    this.#exit = listener;
  }
  kill(): void {
    this.killed = true;
    if (!this.holdsOn) this.die();
  }
  die(): void {
    this.#exit(1);
  }
}

function keep() {
  const clock = new TestClock();
  const labs: FakeProcess[] = [];
  const spawn = () => {
    labs.push(new FakeProcess());
    return labs.at(-1) as FakeProcess;
  };
  const keeper = new LabKeeper<string>(spawn, { home: '', samples: '', uploads: null }, clock);
  return { clock, labs, keeper };
}

describe('a keeper', () => {
  it('starts a lab again when it dies, three times a minute at most', () => {
    const { clock, labs } = keep();
    labs[0]?.die();
    labs[1]?.die();
    labs[2]?.die();
    expect(labs).toHaveLength(3);
    clock.advance(59_999);
    expect(labs).toHaveLength(3);
    clock.advance(1);
    expect(labs).toHaveLength(4);
  });

  it('gives a client that came in between to the next lab', () => {
    const { clock, labs, keeper } = keep();
    for (const number of [0, 1, 2]) labs[number]?.die();
    keeper.connect('window', 'port');
    clock.advance(60_000);
    expect(labs[3]?.sent).toEqual([['start'], ['client', 'port']]);
  });

  it('gives no client to a lab whose ports have closed', () => {
    const { labs, keeper } = keep();
    const lost = keeper.connect('browser', 'port');
    const [lab] = labs as [FakeProcess];
    lab.holdsOn = true;
    lost();
    expect(lab.killed).toBe(true);
    keeper.connect('browser', 'quick');
    expect(lab.sent.at(-1)).toEqual(['client', 'port']);
    lab.die();
    expect(labs[1]?.sent.at(-1)).toEqual(['client', 'quick']);
    lost();
    expect(labs[1]?.killed).toBe(false);
  });

  it('ends when the lab has finished, and starts no other', async () => {
    const { clock, labs, keeper } = keep();
    const finished = keeper.finish('the end');
    expect(labs[0]?.sent.at(-1)).toEqual(['finish']);
    labs[0]?.die();
    await finished;
    clock.advance(120_000);
    expect(labs).toHaveLength(1);
  });

  it('does not wait forever for a lab that hangs', async () => {
    const { clock, labs, keeper } = keep();
    const finished = keeper.finish('the end');
    clock.advance(60_000);
    await finished;
    expect(labs[0]?.killed).toBe(true);
  });

  it('ends at once when there is no lab', async () => {
    const { labs, keeper } = keep();
    for (const number of [0, 1, 2]) labs[number]?.die();
    await keeper.finish('the end');
    expect(labs).toHaveLength(3);
  });
});
