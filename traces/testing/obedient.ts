/** A thread that counts its orders, for tests: it fails at `refuse`, and ends at `die` by an error. */
import { obeyOrders } from '../threads/obey.ts';

let count = 0;

/** Fails where it is handed over, which no order survives. */
const deadly = {
  get value(): number {
    throw new Error('out of memory');
  },
};

obeyOrders((order: string) => {
  if (order === 'refuse') throw new Error('refused');
  return order === 'die' ? deadly : (count += 1);
});
