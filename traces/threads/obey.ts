/** The side of the thread that carries out orders, see `orders.ts`. */
import { parentPort } from 'node:worker_threads';
import { toErrorData } from '../../core/contract/errors.ts';
import type { Answer } from './orders.ts';

/** Carries out each order that comes and answers it with what `obey` returns or throws. */
export function obeyOrders(obey: (order: never) => unknown): void {
  parentPort?.on('message', (order: unknown) => {
    let answer: Answer;
    try {
      answer = { error: null, value: obey(order as never) };
    } catch (thrown) {
      answer = { error: toErrorData(thrown), value: null };
    }
    parentPort?.postMessage(answer);
  });
}
