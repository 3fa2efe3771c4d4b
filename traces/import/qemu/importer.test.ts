import { describe, expect, it } from 'vitest';
import { K } from '../../../core/contract/kinds.ts';
import { imported, lostLines } from '../testing.ts';

const at = (us: number, event: string) =>
  `9585@1676093788.${String(us).padStart(6, '0')}:${event}\n`;
const VDPA = 'vdpa:0x7ff1 fd: 16 msg_type: 2 asid: 0 iova: 0x1000 size: 0x2000';

describe('a log of QEMU', () => {
  it.each<[string, Record<string, unknown>]>([
    [
      `vhost_vdpa_dma_map ${VDPA} uaddr: 0x55a5 perm: 0x1 type: 2`,
      { kind: K.recIommuMap, arg: '4096', bytes: 8192, frame: null },
    ],
    [`vhost_vdpa_dma_unmap ${VDPA} type: 3`, { kind: K.recIommuUnmap, arg: '4096', bytes: 8192 }],
    [
      'virtio_iommu_map domain=1 virt_start=0x1000 virt_end=0x1fff phys_start=0x5000 flags=3',
      { kind: K.recIommuMap, arg: '4096', bytes: 4096, frame: '20480' },
    ],
    [
      'virtio_iommu_unmap domain=1 virt_start=0x1000 virt_end=0x2fff',
      { kind: K.recIommuUnmap, arg: '4096', bytes: 8192 },
    ],
    [
      'virtio_iommu_report_fault FAULT reason=2 flags=258 endpoint=8 address =0x9000',
      { kind: K.recFault, arg: String(0x9000), status: 1 },
    ],
    ['virtio_iommu_attach domain=1 endpoint=8', { kind: K.recAttach }],
    [
      'vtd_inv_desc_iotlb_pages iotlb invalidate domain 0x8 addr 0xf9a00000 mask 0x5',
      { kind: K.recIotlbFlush, arg: String(0xf9a00000), n: 32 },
    ],
    ['vtd_inv_desc_iotlb_global iotlb invalidate global', { kind: K.recIotlbFlush, arg: null }],
    [
      'vtd_inv_desc_iotlb_domain iotlb invalidate whole domain 0x1',
      { kind: K.recIotlbFlush, n: null },
    ],
    [
      'vtd_dmar_fault sid 0x10 fault 5 addr 0xfff000 write 1',
      { kind: K.recFault, arg: String(0xfff000), status: 1 },
    ],
    [
      'vtd_page_walk_one domain 0x1 iova 0x1000 -> gpa 0x5000 mask 0xfff perm 3',
      { kind: K.recIommuMap, arg: '4096', bytes: 4096, frame: '20480' },
    ],
    [
      'vtd_page_walk_one domain 0x1 iova 0x1000 -> gpa 0x0 mask 0xfff perm 0',
      { kind: K.recIommuUnmap, arg: '4096', bytes: 4096, frame: null },
    ],
    [
      'vfio_listener_region_del region_del 0xc4000 - 0xdffff',
      { kind: K.recIommuUnmap, arg: String(0xc4000), bytes: 0x1c000 },
    ],
    [
      'vfio_iommu_map_notify iommu UNMAP @ 0x1000 - 0x1fff',
      { kind: K.recIommuUnmap, arg: '4096', bytes: 4096 },
    ],
    [
      'iommufd_backend_unmap_dma  iommufd=3 ioas=2 iova=0x1000 size=0x1000 (0)',
      { kind: K.recIommuUnmap, arg: '4096', bytes: 4096 },
    ],
    [
      'iommufd_backend_unmap_dma  iommufd=3 ioas=2 iova=0x1000 size=0x1000 (-2)',
      { kind: K.generic, bytes: null },
    ],
    [
      'vfio_region_write  (0000:84:00.0:region0+0x10, 0xff, 4)',
      { kind: K.recMmio, arg: '255', bytes: 4 },
    ],
    [
      'vfio_msi_interrupt  (0000:84:00.0) vector 3 0xfee00000/0x41',
      { kind: K.recIrqInject, arg: '3' },
    ],
    ['virtio_queue_notify vdev 0x55a5 n 1 vq 0x55a6', { kind: K.recKick }],
    ['some_other_event index: 3 flags=0x0', { kind: K.generic }],
  ])('reads %s', async (event, columns) => {
    const result = await imported(at(1, event));
    expect(result.counts).toMatchObject({ format: 'QEMU log', events: 1, warningsTotal: 0 });
    expect(result.events[0]).toMatchObject(columns);
    expect(lostLines(result)).toBe(0);
  });

  it('says of a range that ends before it begins, and of a form that QEMU never printed', async () => {
    const { counts } = await imported(
      at(1, 'vfio_listener_region_del region_del 0xc4000 - 0xb0000') +
        at(2, 'vfio_listener_region_del region_gone 0xc4000'),
    );
    expect(counts).toMatchObject({ events: 2, typed: 1, raw: 1 });
    expect(counts.warnings.map((warning) => warning.line)).toEqual([1, 2]);
  });

  it('is known without time stamps by its events, and prose is none', async () => {
    const result = await imported(
      'virtio_queue_notify vdev 0x55a5 n 1 vq 0x55a6\n' +
        'vfio_msix_enable  (0000:84:00.0)\n' +
        'this_is not an event\nqemu: terminating on signal 15\n',
    );
    expect(result.counts).toMatchObject({ format: 'QEMU log', typed: 1, raw: 1 });
    expect(result.counts.warnings.map((warning) => warning.line)).toEqual([1, 3, 4]);
  });

  it('takes time and process from what has wrapped it', async () => {
    const event = 'virtio_queue_notify vdev 0x55a5 n 1 vq 0x55a6\n';
    const { events, reader } = await imported(
      `2023-02-11T05:36:28.000001Z ${event}` +
        `2023-02-11T08:36:28.000003+03:00 host qemu-kvm[71]: ${event}` +
        `> 2023-02-11T05:36:28.000004Z \n> ${event}`,
    );
    expect(events.map(({ ts }) => ts)).toEqual([0, 2000, 3000]);
    expect(reader.event(2).details).toMatchObject({ comm: 'qemu-kvm', pid: '71' });
  });

  it('may begin with the console of a guest', async () => {
    const boot = '[    0.000000] Linux version 6.1.0, built for a guest\n'.repeat(500);
    const { counts } = await imported(boot + at(1, `vhost_vdpa_dma_unmap ${VDPA} type: 3`));
    expect(counts).toMatchObject({ format: 'QEMU log', typed: 1, warningsTotal: 500 });
  });
});
