/** A thread that writes traces, one after another, until its process ends. */
import { createTraceWriter, type TraceWriter } from '../../../traces/index.ts';
import { obeyOrders } from '../../../traces/threads/obey.ts';
import { replay } from './portion.ts';
import type { Finished, WriterOrder } from './thread.ts';

let writer: TraceWriter | null = null;

obeyOrders((order: WriterOrder): Finished | null => {
  switch (order.type) {
    case 'start':
      writer = null;
      writer = createTraceWriter(order.path, order.head);
      return null;
    case 'portion':
      write(() => writer !== null && replay(order.portion, writer));
      return null;
    case 'finish': {
      const done = writer;
      writer = null;
      return done?.finish(order.end) ?? null;
    }
    case 'abandon':
      writer?.abandon();
      writer = null;
      return null;
  }
});

/** Of a recording that went wrong nothing more is taken; a full disk has left what was committed. */
function write(work: () => void): void {
  try {
    work();
  } catch (thrown) {
    writer?.abandon();
    writer = null;
    throw thrown;
  }
}
