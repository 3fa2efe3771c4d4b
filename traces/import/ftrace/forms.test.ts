import { describe, expect, it } from 'vitest';
import { imported, lostLines } from '../testing.ts';

const HEAD = '    sh-9       [000] d..1.   1.000001: ';

/** The only event of a line that has a head. */
async function event(rest: string, head = HEAD) {
  const result = await imported(`# tracer: nop\n${head}${rest}\n`);
  expect(result.counts).toMatchObject({ events: 1, warningsTotal: 0 });
  expect(lostLines(result)).toBe(0);
  return result.reader.event(1).details;
}

describe('a line with a head', () => {
  it.each<[string, Record<string, string>]>([
    ['mutex_lock <-nvme_probe', { name: 'mutex_lock', parent: 'nvme_probe' }],
    ['lock+0x0/0x40 <-probe+0x1/0x2 [nvme]', { name: 'lock+0x0/0x40', parent: 'probe+0x1/0x2' }],
    ['probe+0x0/0x4 [nvme] <-a', { name: 'probe+0x0/0x4', parent: 'a' }],
    ['f(dev=0x1, n=2) <-g', { name: 'f', parent: 'g', dev: '0x1', n: '2' }],
    ['sys_read(fd: 3, buf: 7ffe, count: 10)', { name: 'sys_read', fd: '3', count: '10' }],
    ['sys_read -> 0xfffffffffffffff4', { name: 'sys_read', ret: '0xfffffffffffffff4' }],
    ['p_open: (do_open+0x0/0x1) path="a b, c" n=1', { name: 'p_open', path: '"a b, c"', n: '1' }],
    [
      'sched_switch: prev_comm=CPU 0/KVM prev_pid=7 prev_state=S ==> next_comm=a b next_pid=0',
      { prev_comm: 'CPU 0/KVM', prev_pid: '7', prev_state: 'S', next_comm: 'a b', next_pid: '0' },
    ],
    ['nobody knows this', { name: 'nobody' }],
  ])('is an event, whatever it prints: %s', async (rest, details) => {
    expect(await event(rest)).toMatchObject(details);
  });

  it.each([`[   12.345678] ${HEAD}`, `[   12.345678][  T994] ${HEAD}`])(
    'may come from the log of a kernel that dumped its buffer: %s',
    async (head) => {
      expect(await event('kvm_entry: vcpu 0, rip 0x1', head)).toMatchObject({ comm: 'sh' });
    },
  );
});
