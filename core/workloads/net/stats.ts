/** What a network workload counts, over all guests and queues. */
import { Tally, WaitTally } from '../tally.ts';

export class NetStats {
  readonly polls = new Tally();
  readonly deallocs = new Tally();
  readonly cleans = new Tally();
  readonly deliveries = new Tally();
  readonly frontendPolls = new Tally();
  readonly ringWaits = new WaitTally();
  readonly qdiscWaits = new WaitTally();
  readonly vifWaits = new WaitTally();
  /** Packets that found no buffer or no room, and that no copy could be made of. */
  dropped = 0;
  /** Requests that the peer has sent again, and that it has given up. */
  resent = 0;
  lost = 0;
  #lentBytes = 0;
  lentBytesMax = 0;

  /** The frontends lend out so many payload bytes more, or less. */
  lend(bytes: number): void {
    this.#lentBytes += bytes;
    if (this.#lentBytes > this.lentBytesMax) this.lentBytesMax = this.#lentBytes;
  }

  batches(): Record<string, ReadonlyMap<number, number>> {
    return {
      'packets per backend poll': this.polls.sizes,
      'slots per unmap': this.deallocs.sizes,
      'packets per NIC poll': this.cleans.sizes,
      'packets per delivery': this.deliveries.sizes,
      'packets per frontend poll': this.frontendPolls.sizes,
    };
  }

  waits(): Record<string, { readonly waitPs: number; readonly count: number }> {
    return {
      'shared ring or table full': this.ringWaits,
      'backend qdisc': this.qdiscWaits,
      'guest interface queue': this.vifWaits,
    };
  }
}
