/** Lines whose beginning is known are read as if it were not. */
import { describe, expect, it } from 'vitest';
import { KernelLines, parseLine, type ParsedLine } from './line.ts';

const HEAD = ' qemu-system-x86-27711 [001] d..1.   438.308514: ';

/** Reads a line after others, which leave their beginnings and names behind. */
function after(before: readonly string[], text: string): ParsedLine {
  const lines = new KernelLines();
  for (const each of before) lines.parse(each, true);
  return lines.parse(text, true);
}

const BEFORE = [`${HEAD}map: x`, `${HEAD}kvm:exit: y`, ' a: b-1 [001] ....     2.000001: map: z'];

describe('lines that begin like one before', () => {
  it.each([
    [HEAD],
    [`${HEAD}map`],
    [`${HEAD}map:x`],
    [`${HEAD}ma: x`],
    [`${HEAD}map: <-caller`],
    [`${HEAD}map <-caller`],
    [`${HEAD}<stack trace>`],
    [`${HEAD}kvm: exit: y`],
    [`${HEAD}#: map: y`],
    [`${HEAD}map:`],
    [HEAD.replace('438.308514', '438.30851')],
    [`${HEAD.replace('438.308514', '438.30851')}map: x`],
    [`${HEAD.replace('438.308514', '.308514')}map: x`],
    [`${HEAD.replace('438.308514', '438.3085141234')}map: x`],
    [`${HEAD.replace('438.308514', 'x438.308514')}map: x`],
    [`${HEAD.replace('d..1.', 'd..1')}map: x`],
    [`${HEAD.replace('-27711 ', '-2771x ')}map: x`],
    [' a: b-1 [001] ....     2.000002: map: z'],
    ['map: message only'],
    [''],
  ])('but are none: %j', (text) => {
    expect(after(BEFORE, text)).toEqual(parseLine(text));
  });

  it.each([
    [`${HEAD}map: IOMMU: iova=0x1000`],
    [`${HEAD}map:    padded`],
    [`${HEAD}  map: x`],
    [`${HEAD.replace('438.308514', '438.308514123')}map: x`],
    [`${HEAD.replace('438.308514', '99999999999999999999.308514')}map: x`],
    [`${HEAD.replace('438.308514', '96822671.255015')}map: x`],
    [`${HEAD.replace('[001]', '[002]')}map: x`],
    [`${HEAD.replace('27711', '27712')}map: x`],
    [`${HEAD}map: in-1 [001] ....     2.000002: map: z`],
  ])('are events: %j', (text) => {
    const expected = parseLine(text);
    expect(expected.type).toBe('event');
    expect(after(BEFORE, text)).toEqual(expected);
  });
});
