/**
 * What Linux spends on its own work: interrupts, stacks, block layer. Hardly any of it is published
 * apart from whole benchmarks, so that most numbers are assumptions; they are stated once, for an
 * out-of-order server core, and other cores take a multiple of the cycles.
 */
import { quantity as q, type Quantity } from '../quantity.ts';
import type { SocQuantities } from './profile.ts';

const CHOSEN =
  'no published figure found; order of magnitude of Linux kernel paths on such a machine';
const AXBOE =
  'split of 1.6 us for a whole asynchronous read (608,000 a second on one core with libaio: Axboe, Efficient IO with io_uring, 2019), system call and interrupt apart';

const SERVER = {
  copyFixed: q(66, 'cycles', [30, 200], 'assumption', CHOSEN),
  contextSwitch: q(1000, 'ns', [500, 2000], 'assumption', CHOSEN),
  hardirq: q(600, 'ns', [300, 1500], 'assumption', CHOSEN),
  syscall: q(100, 'ns', [50, 400], 'assumption', CHOSEN),
  ipiRound: q(
    2000,
    'cycles',
    [1000, 8000],
    'R',
    'cost of a remote TLB flush, Amit, ATC 2017, order of magnitude',
  ),
  ipiPerCpu: q(600, 'cycles', [200, 2000], 'assumption', CHOSEN),
  ipiHandler: q(
    1000,
    'cycles',
    [400, 3000],
    'assumption',
    `${CHOSEN}: interrupt entry and exit and a flush of the local TLB`,
  ),
  pteWrite: q(60, 'cycles', [20, 200], 'assumption', CHOSEN),
  lockUncontended: q(
    104,
    'cycles',
    [40, 160],
    'S',
    'uncontended mutex, Y. Zhao, gvt-dev list 2020',
  ),
  lockHandoff: q(
    60,
    'cycles',
    [15, 300],
    'assumption',
    'no published figure found; ticket locks slow down with each waiter that reads the same cache line (Boyd-Wickizer et al., OLS 2012)',
  ),
  ringEntry: q(
    130,
    'cycles',
    [60, 300],
    'assumption',
    'no published figure found; one cache line that moves between two cores',
  ),
  descriptorPost: q(120, 'cycles', [60, 300], 'assumption', CHOSEN),

  stackFrontendPerPacket: q(
    2500,
    'cycles',
    [1200, 5000],
    'assumption',
    `${CHOSEN}: system call, socket, skb, IP, qdisc`,
  ),
  stackFrontendPerSegment: q(150, 'cycles', [50, 400], 'assumption', CHOSEN),
  stackFrontendDriver: q(400, 'cycles', [200, 1000], 'assumption', CHOSEN),
  stackFrontendReceive: q(
    3000,
    'cycles',
    [1500, 6000],
    'assumption',
    `${CHOSEN}: driver, GRO, IP, TCP, socket wake-up`,
  ),
  stackBackendPerPacket: q(
    2500,
    'cycles',
    [1200, 5000],
    'assumption',
    `${CHOSEN}: skb, receive path, bridge, qdisc, driver`,
  ),
  stackBackendPerSegment: q(150, 'cycles', [50, 400], 'assumption', CHOSEN),
  stackBackendReceive: q(
    2200,
    'cycles',
    [1000, 4500],
    'assumption',
    `${CHOSEN}: NIC driver, GRO, bridge, queueing to the guest’s interface`,
  ),
  frameReceive: q(
    750,
    'cycles',
    [400, 1100],
    'R',
    'Høiland-Jørgensen et al., The eXpress Data Path, CoNEXT 2018: Linux drops 4.8 million packets a second on one core of 3.6 GHz at its first hook: driver, skb, GRO',
  ),
  pktgenPacket: q(
    270,
    'cycles',
    [70, 420],
    'D',
    'Linux Documentation/networking/pktgen: 5.5 million packets a second of one skb on an E5-2630 with ixgbe, 418 cycles; less a descriptor and a doorbell (350), and an skb for each packet (200)',
  ),
  stackCompletion: q(500, 'cycles', [200, 1200], 'assumption', CHOSEN),
  pageAllocate: q(200, 'cycles', [80, 500], 'assumption', CHOSEN),

  blkFrontendSubmit: q(
    2500,
    'cycles',
    [1200, 5000],
    'R',
    `direct I/O, block layer, driver: ${AXBOE}`,
  ),
  blkFrontendComplete: q(1500, 'cycles', [700, 3000], 'R', `block layer and event: ${AXBOE}`),
  bioSubmit: q(2000, 'cycles', [1000, 4000], 'R', `bio, queue, NVMe command: ${AXBOE}`),
  bioComplete: q(1200, 'cycles', [500, 2500], 'R', `NVMe completion, bio_endio: ${AXBOE}`),
  bioSegment: q(
    90,
    'cycles',
    [30, 300],
    'assumption',
    `${CHOSEN}: bio_add_page and one entry of a scatter list`,
  ),
} satisfies Partial<SocQuantities>;

/** Paths of Linux on an out-of-order server core. */
export const SERVER_PATHS: LinuxPaths = SERVER;

/** The quantities that this file states. */
export type LinuxPaths = Readonly<Record<keyof typeof SERVER, Quantity>>;

/**
 * The same paths on a slower core: values and both ends of their ranges times `factor`.
 *
 * @param why how the factor was chosen; each number becomes an assumption that says so
 */
export function slowerPaths(factor: number, why: string): LinuxPaths {
  const scaled = ({ value, unit, low, high }: Quantity) =>
    q(value * factor, unit, [low * factor, high * factor], 'assumption', why);
  return Object.fromEntries(
    Object.entries(SERVER).map(([name, each]) => [name, scaled(each)]),
  ) as Record<keyof typeof SERVER, Quantity>;
}
