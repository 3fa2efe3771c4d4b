/**
 * `xenalyze --dump-all`: a mark, the time, one character for each physical CPU (x is the one of this
 * record), the vCPU, and a text. Forms are those of `tools/xentrace/xenalyze.c`.
 */
import { LabError } from '../../../core/contract/errors.ts';
import { K } from '../../../core/contract/kinds.ts';
import type { Line } from '../lines.ts';
import { groups, type Payload } from '../payload/payload.ts';
import type { RecordedSink } from '../recorded.ts';
import type { TextImporter } from '../text-importer.ts';

const LINE =
  /^[\]! ]?(?:\s*(\d{1,10})\.(\d{9})| {14}) ([-x|.l0-9 ]*x[-x|.l0-9 ]*) (d(?:\d{1,5}|\?)v(?:\d{1,5}|\?))\s+(\S.*?)\s*$/;

/** Is this a line of it? */
export const XENALYZE = /^[\]! ]? *\d+\.\d{9} [-x|.l0-9 ]*x[-x|.l0-9 ]* d[\d?]+v[\d?]+ /;

interface Shape {
  readonly pattern: RegExp;
  readonly kind: number;
  /** Groups that hold hexadecimal numbers for these columns; `n` and `domain` are decimal. */
  readonly arg?: string;
  readonly frame?: string;
}

const SHAPES: readonly Shape[] = [
  {
    pattern: /^vmexit(?:\(n\))? exit_reason (?<reason>\S+) eip (?<eip>[0-9a-f]+)/,
    kind: K.recVmExit,
    arg: 'eip',
  },
  { pattern: /^vmentry(?:\(n\))?(?: cycles (?<cycles>-?\d+))?/, kind: K.recVmEntry },
  {
    pattern:
      /^(?:vmcall|hypercall) +(?<op>[0-9a-f]+)(?: \((?<call>[^)]*)\))?(?: eip (?<eip>[0-9a-f]+))?(?<arguments>.*)/,
    kind: K.recHypercall,
    arg: 'op',
  },
  { pattern: /^inj_virq vec (?<vector>\d+) +(?<source>\w+)/, kind: K.recIrqInject },
  {
    pattern: /^npf gpa (?<gpa>[0-9a-f]+) q (?<q>[0-9a-f]+) mfn (?<mfn>[0-9a-f]+) t (?<t>-?\d+)/,
    kind: K.recPageFault,
    frame: 'gpa',
  },
  {
    pattern: /^io (?<access>read|write) port (?<port>[0-9a-f]+) val (?<value>[0-9a-f]+)/,
    kind: K.recPio,
    arg: 'port',
  },
  {
    pattern: /^mmio_assist (?<access>[rw]) gpa (?<gpa>[0-9a-f]+)(?: data (?<value>[0-9a-f]+))?/,
    kind: K.recMmio,
    frame: 'gpa',
    arg: 'value',
  },
  { pattern: /^(?:grant-map|page_grant_map) domain (?<domain>\d+)/, kind: K.recGrantMap },
  { pattern: /^(?:grant-unmap|page_grant_unmap) domain (?<domain>\d+)/, kind: K.recGrantUnmap },
  { pattern: /^lost_records count (?<lost>\d+)/, kind: K.recGap },
  {
    pattern:
      /^set_p2m_entry (?<domain>d\d+) o(?<order>\d+) t (?<t>\d+) g (?<gfn>[0-9a-f]+) m (?<mfn>[0-9a-f]+)/,
    kind: K.generic,
  },
  {
    pattern:
      /^runstate_(?:change|continue) (?:\{[^}]*\} )?(?<who>d\d+v\d+) (?<from>\w+)->(?<to>\w+)/,
    kind: K.generic,
  },
  {
    pattern: /^sched_switch prev (?<prev>d\d+v\d+) next (?<next>d\d+v\d+)/,
    kind: K.generic,
  },
  { pattern: /^(?<event>[0-9a-f]+)\([0-9a-f:]+\) \d+ \[ ?(?<words>[0-9a-f ]*)\]/, kind: K.generic },
];

/** What the text after the vCPU says. */
function payloadOf(text: string): Payload {
  for (const { pattern, kind, arg, frame } of SHAPES) {
    const match = pattern.exec(text);
    if (match === null) continue;
    const fields = groups(match);
    const hex = (name: string | undefined) => {
      const digits = name === undefined ? undefined : fields[name];
      return digits === undefined || digits.length > 16 ? undefined : BigInt(`0x${digits}`);
    };
    const decimal = fields['vector'] ?? (kind === K.generic ? undefined : fields['domain']);
    const value = hex(arg) ?? (decimal === undefined ? undefined : BigInt(decimal));
    const address = hex(frame);
    const lost = fields['lost'];
    return {
      kind,
      ...(value === undefined ? {} : { arg: value }),
      ...(address === undefined ? {} : { frame: address }),
      ...(lost === undefined ? {} : { n: Number(lost) }),
      fields,
    };
  }
  return { kind: K.raw };
}

export class XenalyzeImporter implements TextImporter {
  readonly format = 'xenalyze';
  readonly #sink: RecordedSink;
  skipped = 0;

  constructor(sink: RecordedSink) {
    this.#sink = sink;
  }

  line(line: Line): void {
    if (line.text.trim() === '') {
      this.skipped += 1;
      return;
    }
    const match = LINE.exec(line.text);
    if (match === null || line.cut) {
      // Its summaries and its own warnings stand between the records.
      this.#sink.warn(line.number, 'not a record of xenalyze --dump-all', line.text);
      return;
    }
    const [, sec, fraction = '0', cpus = '', vcpu = '', text = ''] = match;
    const cpu = cpus.indexOf('x');
    const payload = payloadOf(text);
    this.#sink.event({
      place: { segment: 1, cpu },
      // It prints no time for the very first record: that is time zero.
      time: { sec: BigInt(sec ?? 0), ns: Number(fraction) },
      payload,
      details: {
        name: /^[^\s(,]+/.exec(text)?.[0] ?? text,
        ...(vcpu.includes('?') ? {} : { vcpu }),
        ...payload.fields,
      },
      line: line.number,
      text: line.text,
    });
  }

  end(): void {
    // Every line is whole.
  }

  nothingFound(path: string): LabError {
    return new LabError('NO_EVENTS', 'there is no event in it', path, 'run xenalyze --dump-all');
  }
}
