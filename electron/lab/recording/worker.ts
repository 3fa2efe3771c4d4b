/** A thread that writes traces, one after another, until its process ends. */
import { parentPort } from 'node:worker_threads';
import { toErrorData } from '../../../core/contract/index.ts';
import { createTraceWriter, type TraceWriter } from '../../../traces/index.ts';
import { replay } from './portion.ts';
import type { WriterMessage, WriterOrder } from './thread.ts';

let writer: TraceWriter | null = null;
/** Of a recording that went wrong nothing more is taken, until it is ended. */
let failed = false;

function obey(order: WriterOrder): WriterMessage {
  switch (order.type) {
    case 'start':
      failed = false;
      writer = createTraceWriter(order.path, order.head);
      return { type: 'taken' };
    case 'portion':
      if (!failed && writer !== null) replay(order.portion, writer);
      return { type: 'taken' };
    case 'finish': {
      const done = writer;
      writer = null;
      if (!failed && done !== null) return { type: 'ended', file: done.finish(order.end) };
      done?.abandon();
      return { type: 'ended', file: null };
    }
    case 'abandon':
      writer?.abandon();
      writer = null;
      return { type: 'ended', file: null };
  }
}

parentPort?.on('message', (order: WriterOrder) => {
  let said: WriterMessage;
  try {
    said = obey(order);
  } catch (thrown) {
    failed = true;
    said = { type: 'failed', error: toErrorData(thrown) };
  }
  parentPort?.postMessage(said);
});
