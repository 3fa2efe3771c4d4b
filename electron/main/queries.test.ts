/** Queries of the desktop app: the lab asks, the main process starts and ends the processes. */
import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { QueryReply } from '../../traces/query/reply.ts';
import { startQuery } from '../../traces/query/start.ts';
import type { HostMessage, LabMessage } from '../lab/messages.ts';
import { HostedQueries } from '../lab/queries.ts';
import type { ElectronApi, LabChild } from './electron-api.ts';
import { serveQueries } from './queries.ts';

class FakeChild extends EventEmitter {
  readonly pid = undefined;
  readonly got: unknown[] = [];
  ended = false;
  postMessage(message: unknown): void {
    this.got.push(message);
  }
  kill(): boolean {
    this.ended = true;
    return true;
  }
}

/** A lab and a main process, with the processes that the one has asked of the other. */
function start() {
  const children: FakeChild[] = [];
  const forks: string[] = [];
  const lab = new FakeChild();
  const queries = new HostedQueries((message: LabMessage) => lab.emit('message', message));
  lab.postMessage = (message) =>
    queries.receive(message as Extract<HostMessage, { type: 'query-reply' | 'query-exit' }>);
  const fork = (file: string) => {
    const child = new FakeChild();
    forks.push(file);
    children.push(child);
    return child as unknown as LabChild;
  };
  const utilityProcess: ElectronApi['utilityProcess'] = { fork };
  serveQueries(utilityProcess, lab as unknown as LabChild, 'query.js');
  const ask = (sql: string, signal?: AbortSignal) =>
    startQuery({ file: 'a.mctrace', sql, limit: 1 }, signal, queries.start).catch(
      (error: unknown) => error,
    );
  return { lab, children, forks, ask };
}

describe('a query of the desktop app', () => {
  it('is lost when its process dies', async () => {
    const { children, ask } = start();
    const asked = ask('SELECT 1');
    children[0]?.emit('exit', 134);
    expect(await asked).toMatchObject({ data: { code: 'HOST_LOST' } });
  });

  it('ends when it is cancelled, and no other with it', async () => {
    const { children, ask } = start();
    const stop = new AbortController();
    const asked = ask('SELECT 1', stop.signal);
    void ask('SELECT 2');
    stop.abort();
    expect(children.map(({ ended }) => ended)).toEqual([true, false]);
    children[0]?.emit('exit', 0);
    expect(await asked).toMatchObject({ data: { code: 'CANCELLED' } });
  });

  it('ends with the lab', () => {
    const { lab, children, ask } = start();
    void ask('SELECT 1');
    lab.emit('exit', 1);
    expect(children[0]?.ended).toBe(true);
  });

  it('has a process of its own, and its answer', async () => {
    const { children, forks, ask } = start();
    const [first, second] = [ask('SELECT 1'), ask('SELECT 2')];
    expect(forks).toEqual(['query.js', 'query.js']);
    expect(children.map(({ got }) => got)).toEqual([
      [{ file: 'a.mctrace', sql: 'SELECT 1', limit: 1 }],
      [{ file: 'a.mctrace', sql: 'SELECT 2', limit: 1 }],
    ]);
    for (const [at, child] of [...children.entries()].reverse()) {
      const reply: QueryReply = { answer: { columns: ['x'], rows: [[at]], truncated: false } };
      child.emit('message', reply);
      expect(child.ended).toBe(true);
      child.emit('exit', 0);
    }
    expect(await first).toMatchObject({ rows: [[0]] });
    expect(await second).toMatchObject({ rows: [[1]] });
  });
});
