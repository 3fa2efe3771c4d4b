/**
 * The process of one query in the desktop app. It hears nothing while SQLite works, and need not: the
 * main process ends it, and Electron ends all its processes with itself.
 */
import type { QueryJob } from '../../traces/query/query.ts';
import { replyTo, type QueryReply } from '../../traces/query/reply.ts';

/** `process.parentPort` of a utility process. */
interface UtilityParent {
  once(event: 'message', listener: (event: { data: QueryJob }) => void): unknown;
  postMessage(reply: QueryReply): void;
}

const { parentPort } = process as unknown as { parentPort: UtilityParent };
parentPort.once('message', ({ data }) => parentPort.postMessage(replyTo(data)));
