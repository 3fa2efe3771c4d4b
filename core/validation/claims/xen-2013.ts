/** Claims of xen-devel 2013 (PV network improvements) and 2014 (grant map and unmap). */
import type { ScenarioInput } from '../../contract/scenario.ts';
import { cpuPerByte, figure, hazard, verdictOf, verdictOver, type Claim } from './claim.ts';

const PV = { hypervisor: 'xen-pv-dom0', soc: 'xeon-2020' } as const;
const STRICT = { hypervisor: 'xen-pv-dom0-strict', soc: 'xeon-2020' } as const;
const BULK = { workload: 'net-tx', payloadBytes: 61_440, requests: 2000 } as const;
const NETWORK_DISK = {
  workload: 'blk-write',
  payloadBytes: 16_384,
  requests: 600,
  blk: { device: 'network', lossPpm: 30_000, rtoUs: 20_000 },
} as const satisfies ScenarioInput;

export const XEN_2013: readonly Claim[] = [
  {
    number: 1,
    thread: '000',
    claim:
      'A dom0 that maps all memory pays for no map, unmap or copy; it is no less secure with a dom0, and lost with a driver domain.',
    async test(lab) {
      const all = await lab.run({ ...PV, ...BULK, strategy: 'map-all-memory' });
      const map = await lab.run({ ...PV, ...BULK, strategy: 'grant-map' });
      const domain = { hypervisor: 'xen-pv-driver-domain', soc: 'xeon-2020' } as const;
      const driver = await lab.run({ ...domain, ...BULK, strategy: 'map-all-memory' });
      const before = await lab.run({ ...domain, ...BULK, strategy: 'grant-map' });
      const cheap = all.counts.map + all.counts.unmap + all.counts.copy === 0;
      const obtainable = map.exposure.backend?.obtainableByteSeconds ?? 0;
      const lost = hazard(driver, 'H7') > 0 && hazard(before, 'H7') === 0;
      return {
        finding: `maps, unmaps and copies ${all.counts.map + all.counts.unmap + all.counts.copy} against ${map.counts.map + map.counts.unmap + map.counts.copy}; CPU ${figure(cpuPerByte(all))} against ${figure(cpuPerByte(map))} ns/B; dom0 could map all of it anyway (${figure(obtainable)} byte seconds obtainable); in a driver domain ${hazard(driver, 'H7')} frames over-broad against ${hazard(before, 'H7')}`,
        verdict: verdictOf(cheap && obtainable > 0 && lost),
      };
    },
  },
  {
    number: 2,
    thread: '000',
    claim:
      'Copying in the frontend into a persistent window mostly uses the cache: the copy is cheap while it is warm.',
    async test(lab) {
      const few = { ...PV, workload: 'net-tx', payloadBytes: 16_384, requests: 4000 } as const;
      const warm = await lab.run({
        ...few,
        strategy: 'grant-persistent',
        arrival: { inFlight: 16 },
      });
      const copy = await lab.run({ ...few, strategy: 'grant-copy', arrival: { inFlight: 16 } });
      const disk = {
        ...PV,
        workload: 'blk-write',
        payloadBytes: 1_048_576,
        requests: 400,
        frontend: { memoryMiB: 2048 },
        persistent: { max: 16_384 },
        strategy: 'grant-persistent',
      } as const;
      const one = await lab.run({ ...disk, blk: { depth: 1, device: 'ramdisk' } });
      const many = await lab.run({ ...disk, blk: { depth: 64, device: 'ramdisk' } });
      const extra = (warm.cpuNsPerByte.frontend ?? 0) - (copy.cpuNsPerByte.frontend ?? 0);
      const of = ({ cpuNsPerByte }: typeof one) => cpuNsPerByte.frontend ?? 0;
      return {
        finding: `the frontend pays ${figure(extra)} ns/B more for its copy while it is warm; block writes of 1 MiB cost it ${figure(of(one))} ns/B one at a time, and ${figure(of(many))} with 64 MiB on their way: what was just written is in the cache`,
        verdict: verdictOf(extra < 0.15 && of(many) < of(one) * 1.5),
      };
    },
  },
  {
    number: 3,
    thread: '000',
    claim:
      'Mapping on transmit is good, but a page must not be freed before the transmission is done.',
    async test(lab) {
      const held = await lab.run({ ...PV, ...BULK, strategy: 'grant-map' });
      const early = await lab.run({
        ...PV,
        ...NETWORK_DISK,
        strategy: 'grant-map',
        grants: { unmapPolicy: 'sync' },
      });
      const bad = hazard(early, 'H2') + hazard(early, 'H1');
      return {
        finding: `held until the device is done: ${hazard(held, 'H1') + hazard(held, 'H2')} accesses without permission; let go at once while a retransmission is due: ${bad}`,
        verdict: verdictOf(hazard(held, 'H1') + hazard(held, 'H2') === 0 && bad > 0),
      };
    },
  },
  {
    number: 4,
    thread: '000',
    claim:
      'Block DMA needs no look at the data, so the backend need not map it, unless it checks or encrypts.',
    async test(lab) {
      const blk = { ...PV, workload: 'blk-write', payloadBytes: 45_056, requests: 2000 } as const;
      const map = await lab.run({ ...blk, strategy: 'grant-map', blk: { device: 'ssd' } });
      const elided = await lab.run({
        ...blk,
        strategy: 'grant-device-map',
        grants: { elideFlushIfNoHostMap: true },
      });
      const touched = await lab.run({
        ...blk,
        strategy: 'grant-device-map',
        grants: { elideFlushIfNoHostMap: true },
        blk: { touch: 'checksum' },
      });
      return {
        finding: `CPU ${figure(cpuPerByte(elided))} ns/B for the device alone against ${figure(cpuPerByte(map))} mapped; TLB flushes ${elided.counts.tlbFlush} against ${map.counts.tlbFlush}; with a checksum the host mapping is back: ${touched.counts.tlbFlush} flushes`,
        verdict: verdictOf(cpuPerByte(elided) < cpuPerByte(map) && touched.counts.tlbFlush > 0),
      };
    },
  },
  {
    number: 5,
    thread: '000',
    claim:
      'Guest pages that are contiguous for the backend merge into few segments; scattered ones do not.',
    async test(lab) {
      const blk = {
        ...PV,
        workload: 'blk-write',
        payloadBytes: 131_072,
        requests: 500,
        strategy: 'grant-map',
      } as const;
      const scattered = await lab.run(blk);
      const row = await lab.run({ ...blk, blk: { contiguous: true } });
      const of = (key: 'backend') =>
        [scattered.cpuNsPerByte[key] ?? 0, row.cpuNsPerByte[key] ?? 0] as const;
      const [apart, together] = of('backend');
      return {
        finding: `backend ${figure(together)} ns/B with pages in a row against ${figure(apart)} scattered`,
        verdict: verdictOf(together < apart),
      };
    },
  },
  {
    number: 6,
    thread: '000',
    claim: 'Pages that go straight to a DMA device need neither a copy nor a mapping.',
    async test(lab) {
      const light = await lab.run({ ...PV, ...BULK, strategy: 'grant-light' });
      const strict = await lab.run({ ...STRICT, ...BULK, strategy: 'grant-light' });
      return {
        finding: `payload copied ${figure(light.copiedBytes / (light.requests * 61_440))} of it (headers); CPU TLB flushes ${light.counts.tlbFlush}; IOMMU entries none under a relaxed dom0, ${strict.counts.map - light.counts.map} more maps and ${strict.counts.iotlbFlush} invalidations where the IOMMU is strict`,
        verdict: verdictOver([light.counts.tlbFlush === 0, strict.counts.iotlbFlush === 0]),
      };
    },
  },
  {
    number: 7,
    thread: '000',
    claim: 'A light grant copies the header alone and expires when the DMA has happened.',
    async test(lab) {
      const base = { ...STRICT, ...BULK, strategy: 'grant-light' } as const;
      const done = await lab.run({ ...base, light: { expiry: 'completion' } });
      const early = await lab.run({ ...base, light: { expiry: 'first-dma', refetchPpm: 10_000 } });
      return {
        finding: `ended at completion: ${done.counts.fault} faults; after the first access, with one segment in a hundred fetched again: ${early.counts.fault} faults. No IOMMU reports the first access today`,
        verdict: verdictOver([done.counts.fault === 0, early.counts.fault === 0]),
      };
    },
  },
  {
    number: 8,
    thread: '000',
    claim:
      'A copy engine leaves the data in the cache, so that the NIC reads it fast; it must be asynchronous.',
    async test(lab) {
      const engine = await lab.run({ ...PV, ...BULK, strategy: 'grant-copy-offload' });
      const cpu = await lab.run({ ...PV, ...BULK, strategy: 'grant-copy' });
      const small = await lab.run({
        ...PV,
        workload: 'net-tx',
        payloadBytes: 256,
        requests: 4000,
        strategy: 'grant-copy-offload',
        offload: { thresholdBytes: 0 },
      });
      const smallCpu = await lab.run({
        ...PV,
        workload: 'net-tx',
        payloadBytes: 256,
        requests: 4000,
        strategy: 'grant-copy',
      });
      return {
        finding: `device accesses that hit the cache: ${figure(100 * (engine.hitRate.ddio ?? 0))} % by engine, ${figure(100 * (cpu.hitRate.ddio ?? 0))} % by CPU; CPU time ${figure(cpuPerByte(engine))} against ${figure(cpuPerByte(cpu))} ns/B at 60 KiB, ${figure(cpuPerByte(small))} against ${figure(cpuPerByte(smallCpu))} at 256 B; throughput ${figure(engine.throughputGbps)} against ${figure(cpu.throughputGbps)} Gb/s`,
        verdict: verdictOver([
          cpuPerByte(engine) < cpuPerByte(cpu),
          engine.throughputGbps > cpu.throughputGbps,
        ]),
      };
    },
  },
  {
    number: 31,
    thread: '004',
    claim:
      'Foreign pages that go to dom0’s own stack are swapped for local copies: delivery inside the host copies.',
    async test(lab) {
      const local = await lab.run({
        ...PV,
        ...BULK,
        strategy: 'grant-map',
        net: { destination: 'local' },
      });
      const wire = await lab.run({ ...PV, ...BULK, strategy: 'grant-map' });
      const share = (copied: number) => figure(copied / (2000 * 61_440));
      return {
        finding: `to dom0’s own socket ${share(local.copiedBytes)} of the payload is copied, to the wire ${share(wire.copiedBytes)}`,
        verdict: verdictOf(
          local.copiedBytes > 0.9 * 2000 * 61_440 && wire.copiedBytes < 0.1 * 2000 * 61_440,
        ),
      };
    },
  },
  {
    number: 32,
    thread: '004',
    claim:
      'blkback over network storage may unmap while a segment is still queued: a fault, or a frame sent that is no longer granted.',
    async test(lab) {
      const relaxed = await lab.run({
        ...PV,
        ...NETWORK_DISK,
        strategy: 'grant-map',
        grants: { unmapPolicy: 'sync' },
      });
      const strict = await lab.run({
        ...STRICT,
        ...NETWORK_DISK,
        strategy: 'grant-map',
        grants: { unmapPolicy: 'sync' },
      });
      const replace = await lab.run({
        ...PV,
        ...NETWORK_DISK,
        strategy: 'grant-map',
        grants: { unmapPolicy: 'replace' },
      });
      return {
        finding: `sync unmap: ${hazard(relaxed, 'H2')} frames sent that nothing permitted under a relaxed dom0, ${strict.counts.fault} faults under a strict one; replacement by a scratch page: ${hazard(replace, 'H2')} sent, ${replace.counts.fault} faults`,
        verdict: verdictOf(
          hazard(relaxed, 'H2') > 0 && strict.counts.fault > 0 && hazard(replace, 'H2') > 0,
        ),
      };
    },
  },
  {
    number: 33,
    thread: '004',
    claim:
      'The safe asynchronous unmap waits until nobody else refers to the page; mostly it need not wait.',
    async test(lab) {
      const async = await lab.run({
        ...PV,
        ...NETWORK_DISK,
        strategy: 'grant-map',
        grants: { unmapPolicy: 'async' },
      });
      const late = hazard(async, 'H9b');
      return {
        finding: `${hazard(async, 'H2')} frames sent without permission; ${figure((100 * (async.requests - late)) / async.requests)} % of requests answered without waiting, ${late} late`,
        verdict: verdictOf(hazard(async, 'H2') === 0 && late > 0 && late < async.requests / 10),
      };
    },
  },
  {
    number: 34,
    thread: '004',
    claim: 'Unmap-and-replace cannot be batched.',
    async test(lab) {
      const blk = {
        ...PV,
        workload: 'blk-write',
        payloadBytes: 45_056,
        requests: 1000,
        strategy: 'grant-map',
      } as const;
      const replace = await lab.run({ ...blk, grants: { unmapPolicy: 'replace' } });
      const sync = await lab.run({ ...blk, grants: { unmapPolicy: 'sync' } });
      return {
        finding: `TLB flush rounds ${replace.counts.tlbFlush} against ${sync.counts.tlbFlush}; CPU ${figure(cpuPerByte(replace))} against ${figure(cpuPerByte(sync))} ns/B`,
        verdict: verdictOf(replace.counts.tlbFlush > 4 * sync.counts.tlbFlush),
      };
    },
  },
  {
    number: 35,
    thread: '004',
    claim:
      'PG_foreign makes the test for foreign pages cheap compared with a p2m lookup; 32-bit needs an extra structure.',
    test: () => ({
      finding: 'the model tells foreign pages apart at no cost, and has no 32-bit kernels',
      verdict: 'not decidable here',
    }),
  },
];
