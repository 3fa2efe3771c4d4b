/** What belongs together becomes a span: mappings up to their unmap, requests up to their completion. */
import { expect, it } from 'vitest';
import { K } from '../../core/contract/kinds.ts';
import { importContent } from '../testing/imported.ts';

let at = 0;
/** A line ten microseconds after the one before. */
function line(event: string, { cpu = 0, pid = 7 } = {}): string {
  at += 10;
  return `            task-${pid}     [00${cpu}] .....     1.${String(at).padStart(6, '0')}: ${event}\n`;
}
const map = (iova: number, bytes: number) =>
  line(`map: IOMMU: iova=0x${iova.toString(16)} paddr=0x9000 size=${bytes}`);
const unmap = (iova: number, bytes: number) =>
  line(`unmap: IOMMU: iova=0x${iova.toString(16)} size=${bytes} unmapped_size=${bytes}`);

/** Kinds with their durations in microseconds. */
async function spans(text: string) {
  const { events, reader } = await importContent(text);
  const tracks = new Map(reader.info('x').tracks.map(({ id, name }) => [id, name]));
  return events.map(({ name, dur, level, track }) => [name, dur / 1000, level, tracks.get(track)]);
}

it('an unmap that never had a map, a map that stays, and a part of one have no duration', async () => {
  expect(await spans(unmap(0x5000, 4096) + map(0x1000, 8192) + unmap(0x1000, 4096))).toEqual([
    ['iommu.unmap', 0, 0, 'CPU 0'],
    ['iommu.map', 0, 0, 'IOMMU mappings'],
    ['iommu.unmap', 0, 0, 'CPU 0'],
  ]);
});

it('a mapping lasts until its unmap; one unmap ends all pieces of a scatter list', async () => {
  const text =
    map(0x1000, 4096) +
    map(0x8000, 8192) +
    map(0xa000, 4096) +
    unmap(0x1000, 4096) +
    map(0x1000, 4096) +
    unmap(0x8000, 12_288) +
    unmap(0x1000, 4096);
  expect(await spans(text)).toEqual([
    ['iommu.map', 30, 0, 'IOMMU mappings'],
    ['iommu.map', 40, 1, 'IOMMU mappings'],
    ['iommu.map', 30, 2, 'IOMMU mappings'],
    ['iommu.unmap', 0, 0, 'CPU 0'],
    ['iommu.map', 20, 0, 'IOMMU mappings'],
    ['iommu.unmap', 0, 0, 'CPU 0'],
    ['iommu.unmap', 0, 0, 'CPU 0'],
  ]);
});

it('the lines of one mapping may be far apart, and their order in the file does not matter', async () => {
  const begin = [map(0x1000, 4096), line('kvm_exit: vcpu 0 reason HLT rip 0x20', { pid: 9 })];
  const between = Array.from({ length: 17_000 }, (_, i) => line(`odd: index=${i}`));
  const end = [line('kvm_entry: vcpu 0', { pid: 9 }), unmap(0x1000, 4096)];
  const lasting = 17_003 * 10;
  for (const text of [
    [...begin, ...between, ...end],
    [...end, ...begin, ...between],
    [begin[0] ?? '', ...between, begin[1] ?? '', ...end],
  ]) {
    const { reader } = await importContent(text.join(''));
    const [mapped, exit] = reader.events(1, 2);
    expect([mapped?.name, (mapped?.dur ?? 0) / 1000]).toEqual(['iommu.map', lasting]);
    expect([exit?.name, (exit?.dur ?? 0) / 1000]).toEqual(['vm.exit', lasting - 10 - 10]);
    // The summary that is drawn knows of it too.
    const window = reader.window({ from: 0, to: lasting * 1000, buckets: 10, maxEvents: 10 });
    expect(JSON.stringify(window)).toContain(String(lasting * 1000));
    expect(reader.event(1).details['cpu']).toBe('0');
  }
  at = 0;
});

it('DMA mappings are paired by device, scatter lists by their pages, coherent memory by itself', async () => {
  const text =
    line('dma_map_phys: a dir=TO_DEVICE dma_addr=1000 size=64 phys_addr=9000 attrs=') +
    line('dma_map_phys: b dir=TO_DEVICE dma_addr=1000 size=64 phys_addr=9000 attrs=') +
    line('dma_alloc: a dir=TO_DEVICE dma_addr=1000 size=64 virt_addr=00000000aa flags= attrs=') +
    line(
      'dma_map_sg: a dir=TO_DEVICE dma_addrs={0x7000,0x8000} sizes={0x10,0x20} phys_addrs={0x9000,0xa000} attrs=',
    ) +
    line('dma_unmap_phys: b dir=TO_DEVICE dma_addr=1000 size=64 attrs=') +
    line('dma_unmap_phys: a dir=TO_DEVICE dma_addr=1000 size=64 attrs=') +
    line('dma_unmap_sg: a dir=TO_DEVICE phys_addrs={0x9000,0xa000} attrs=') +
    line('dma_free: a dir=TO_DEVICE dma_addr=1000 size=64 virt_addr=00000000aa attrs=');
  expect((await spans(text)).slice(0, 5)).toEqual([
    ['dma.map', 50, 0, 'DMA of a'],
    ['dma.map', 30, 0, 'DMA of b'],
    ['dma.alloc', 50, 1, 'DMA of a'],
    ['dma.map', 30, 2, 'DMA of a'],
    ['dma.unmap', 0, 0, 'CPU 0'],
  ]);
});

it('block requests are requests: from issue to completion, with bytes and direction', async () => {
  const text =
    line('block_rq_issue: 202,1 WS 4096 () 5329008 + 8 [dmcrypt_write]') +
    line('block_rq_issue: 202,1 RA 0 () 64 + 16 none,0,0 [cat]') +
    line('block_rq_complete: 202,1 RA () 64 + 16 none,0,0 [-5]') +
    line('block_rq_complete: 202,1 WS () 5329008 + 8 [0]') +
    line('block_rq_complete: 202,1 WS () 1 + 8 [0]') +
    line('block_rq_issue: 202,1 FF 0 () 18446744073709551615 + 0 [sync]');
  const { events, reader, counts } = await importContent(text);
  expect(counts).toMatchObject({ typed: 6, warningsTotal: 0 });
  expect(
    events.map(({ kind, dur, request, bytes, status }) => [kind, dur, request, bytes, status]),
  ).toEqual([
    [K.recIssue, 30_000, 1, 4096, 1],
    [K.recIssue, 10_000, 2, 8192, 0],
    [K.recComplete, 0, 2, 8192, -5],
    [K.recComplete, 0, 1, 4096, 0],
    [K.recComplete, 0, null, 4096, 0],
    [K.recIssue, 0, 3, 0, 1],
  ]);
  expect(events[5]?.arg).toBe('18446744073709551615');
  expect(reader.request(1).request).toMatchObject({ submitted: 0, completed: 30_000, bytes: 4096 });
  expect(reader.request(3).request).toMatchObject({ completed: null });
  expect(reader.describe('x')).toMatchObject({ requests: 3 });
  // As a workload to play again: the write goes out, the read comes in; the flush has no bytes.
  expect(reader.stream()).toEqual({
    protocol: 'blk',
    stream: [
      [0, 4096, 0],
      [10_000, 8192, 1],
    ],
    left: 0,
  });
});
