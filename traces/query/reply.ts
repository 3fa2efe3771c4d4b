/** What the process of a query says. */
import { toErrorData, type LabErrorData } from '../../core/contract/errors.ts';
import type { QueryAnswer } from '../../core/contract/methods/query.ts';
import { queryTrace, type QueryJob } from './query.ts';

/** Said once; plain data, for it crosses a process boundary. */
export type QueryReply = { readonly answer: QueryAnswer } | { readonly error: LabErrorData };

/** Answers in this thread, however long it takes. */
export function replyTo(job: QueryJob): QueryReply {
  try {
    return { answer: queryTrace(job) };
  } catch (thrown) {
    return { error: toErrorData(thrown) };
  }
}
