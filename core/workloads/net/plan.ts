/** Who sends and who receives, by workload and destination. */
import { LabError } from '../../contract/errors.ts';
import { requestsOf, type Scenario } from '../../contract/scenario.ts';

/** What the application of a guest does. */
export interface Role {
  /** Sends requests of its own accord. */
  readonly sends: boolean;
  readonly receives: boolean;
  /** Answers what it receives. */
  readonly answers: boolean;
  /** Requests come to it from the link, or from a socket of the backend. */
  readonly served: boolean;
  /** What it sends is acknowledged from the wire; what it receives from there, by itself. */
  readonly takesAcks: boolean;
  readonly sendsAcks: boolean;
}

export interface Plan {
  readonly workload: 'net-tx' | 'net-rx' | 'net-both' | 'net-rr';
  readonly destination: 'wire' | 'vm' | 'local';
  /** A request is completed when memory is free again, or when the payload has arrived. */
  readonly completesAt: 'reclaimed' | 'reached';
  /** Requests that guests send of their own accord; the others come to them. */
  readonly outgoing: number;
  /** Does anything come to guests from the wire? */
  readonly receivesFromWire: boolean;
  /** Queues, of all guests together, that share the offered load. */
  readonly loadedQueues: number;
  roleOf(guest: number): Role;
  /** The guest that a guest sends to, where packets go to another guest. */
  partnerOf(guest: number): number;
}

/** @throws LabError BAD_SCENARIO where guests cannot be paired */
export function planOf(scenario: Scenario): Plan {
  const { guests, net, recorded } = scenario;
  const requests = requestsOf(scenario);
  // A recorded stream has both directions in it.
  const isRecorded = scenario.workload === 'recorded';
  const workload = isRecorded ? 'net-both' : (scenario.workload as Plan['workload']);
  const { destination } = net;
  const vm = destination === 'vm';
  if (vm && guests % 2 === 1) {
    throw new LabError(
      'BAD_SCENARIO',
      'guests that send to each other come in pairs',
      'guests, net.destination',
      'ask for an even number of guests',
    );
  }
  const both = workload === 'net-both';
  const sent = recorded.stream.filter(([, , direction]) => direction === 0).length;
  const half = both ? Math.ceil(requests / 2) : 0;
  const acks = net.ackEvery > 0 && destination === 'wire' && scenario.topology === 'mediated';
  const pairs = (vm && !both ? guests / 2 : guests) * net.queues;
  return {
    workload,
    destination,
    completesAt: workload === 'net-tx' && destination === 'wire' ? 'reclaimed' : 'reached',
    outgoing: vm || workload === 'net-tx' ? requests : isRecorded ? sent : half,
    receivesFromWire: destination === 'wire' && (workload !== 'net-tx' || acks),
    loadedQueues: both && !vm ? pairs * 2 : pairs,
    roleOf: (guest) => (vm ? pairedRole(workload, guest) : ownRole(workload, acks)),
    partnerOf: (guest) => (guest % 2 === 0 ? guest + 1 : guest - 1),
  };
}

function ownRole(workload: Plan['workload'], acks: boolean): Role {
  const served = workload !== 'net-tx';
  const sends = workload === 'net-tx' || workload === 'net-both';
  return {
    sends,
    // A response is the acknowledgement of its request.
    takesAcks: acks && sends,
    sendsAcks: acks && served && workload !== 'net-rr',
    receives: served,
    answers: workload === 'net-rr',
    served,
  };
}

/** Even guests ask and odd ones serve; in net-both each does both. */
function pairedRole(workload: Plan['workload'], guest: number): Role {
  const even = guest % 2 === 0;
  const both = workload === 'net-both';
  const rr = workload === 'net-rr';
  return {
    sends: both || even,
    receives: both || rr || !even,
    answers: rr && !even,
    served: false,
    takesAcks: false,
    sendsAcks: false,
  };
}
