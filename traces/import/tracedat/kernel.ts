/** Names that the recorded kernel gave: functions, formats of `trace_printk`, threads. */
import { firstWhere } from '../../../core/base/first-where.ts';
import type { Layout } from './layout.ts';
import { unquoted } from './print-format.ts';

export class KernelNames {
  readonly #addresses: bigint[] = [];
  readonly #functions: string[] = [];
  readonly #formats = new Map<bigint, string>();
  readonly #threads = new Map<number, string>([[0, '<idle>']]);

  constructor({ kallsyms, printk, cmdlines }: Layout) {
    const symbols: [bigint, string][] = [];
    for (const [, address = '', name = ''] of kallsyms.matchAll(/^([0-9a-f]{1,16}) \S (\S+)/gm)) {
      // A kernel that hides its addresses prints zeros.
      if (!/^0+$/.test(address)) symbols.push([BigInt(`0x${address}`), name]);
    }
    symbols.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
    for (const [address, name] of symbols) {
      this.#addresses.push(address);
      this.#functions.push(name);
    }
    for (const [, address = '', text = ''] of printk.matchAll(
      /^0x([0-9a-f]{1,16}) : ("(?:[^"\\]|\\.)*")/gm,
    )) {
      this.#formats.set(BigInt(`0x${address}`), unquoted(text));
    }
    for (const [, pid = '', name = ''] of cmdlines.matchAll(/^(\d{1,10}) (.*)$/gm)) {
      this.#threads.set(Number(pid), name);
    }
  }

  /** The function that an address lies in; the address where none is known. */
  symbol(address: bigint): string {
    const isBeyond = (i: number) => (this.#addresses[i] ?? 0n) > address;
    const next = firstWhere(0, this.#addresses.length, isBeyond);
    return this.#functions[next - 1] ?? `0x${address.toString(16)}`;
  }

  printkFormat(address: bigint): string | undefined {
    return this.#formats.get(address);
  }

  /** `<...>` as the kernel prints it where it has forgotten. */
  thread(pid: number): string {
    return this.#threads.get(pid) ?? '<...>';
  }
}
