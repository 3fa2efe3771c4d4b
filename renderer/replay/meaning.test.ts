import { expect, test } from 'vitest';
import type { EventRow, KindInfo } from '../../core/contract/index.ts';
import { argName, argOf, docOf, hex, statusOf, unsaidOf } from './meaning.ts';

const event = (fields: Partial<EventRow>): EventRow => ({
  id: 1,
  ts: 0,
  dur: 0,
  kind: 10,
  name: 'GNTTABOP_map_grant_ref',
  track: 1,
  level: 0,
  request: null,
  frame: null,
  bytes: null,
  n: null,
  status: null,
  arg: null,
  ...fields,
});

test('a status is written by the name its interface gives it', () => {
  expect(statusOf(event({ status: 0 }))).toEqual({ text: 'GNTST_okay', good: true });
  expect(statusOf(event({ status: -3 }))?.text).toBe('GNTST_bad_gntref');
  expect(statusOf(event({ name: 'VIRTIO_IOMMU_T_MAP', status: 6 }))?.text).toBe(
    'VIRTIO_IOMMU_S_NOENT',
  );
  expect(statusOf(event({}))).toBeNull();
});

test('a recorded mapping is not taken to name its domain', () => {
  expect(unsaidOf({ name: 'iommu.map' })).toContain('neither device nor domain');
  expect(unsaidOf({ name: 'dma.map' })).toBe('');
});

test('addresses keep all 64 bits', () => {
  expect(hex('18446744073709547520')).toBe('0xfffffffffffff000');
  expect(hex('-4096')).toBe('0xfffffffffffff000');
  expect(hex('not a number')).toBe('not a number');
});

test('arguments whose values have names are written in words', () => {
  expect(argOf(event({ name: 'DMA.rd', arg: '2' }), undefined)).toBe('IOTLB stale hit');
  expect(argOf(event({ name: 'spin', arg: '2' }), undefined)).toBe('p2m');
  const kind = { arg: 'grant handle' } as KindInfo;
  expect(argOf(event({ arg: '201' }), kind)).toBe('201');
  expect(argName(kind)).toBe('grant handle');
});

test('a kind is told with the bytes that its event has', () => {
  const kind = { doc: 'Device reads `bytes` bytes of a segment.' };
  expect(docOf(kind, null)).toBe('Device reads bytes of a segment.');
  expect(docOf(kind, 1)).toMatch(/^Device reads 1\sbyte of/);
  expect(docOf(undefined, 5)).toBe('');
});
