/**
 * `kvm:*`: Linux `include/trace/events/kvm.h`, `arch/x86/kvm/trace.h`, `arch/arm64/kvm/trace*.h`.
 * Texts of all versions from 2.6.3x on; hexadecimal numbers may lack their 0x where libtraceevent
 * printed them.
 */
import { K } from '../../../core/contract/kinds.ts';
import { Form, type Match } from './form.ts';
import {
  fieldsOnly,
  groups,
  hex,
  number,
  word,
  type Payload,
  type PayloadParser,
} from './payload.ts';

/** What a pattern's groups become. */
interface Shape {
  readonly kind: number;
  /** Names of the groups that hold hexadecimal numbers for the columns. */
  readonly frame?: string;
  readonly arg?: string;
  /** Names of groups that hold decimal numbers. */
  readonly decimalArg?: string;
  readonly bytes?: string;
  readonly n?: string;
}

/** A form and the groups of its columns; 0 where it has none. */
interface Shaped {
  readonly form: Form;
  readonly frame: number;
  readonly arg: number;
  readonly decimalArg: number;
  readonly bytes: number;
  readonly n: number;
}

function shaped(shape: Shape, ...patterns: readonly RegExp[]): PayloadParser {
  const forms = patterns.map((pattern): Shaped => {
    const form = new Form(pattern);
    return {
      form,
      frame: form.groupOf(shape.frame),
      arg: form.groupOf(shape.arg),
      decimalArg: form.groupOf(shape.decimalArg),
      bytes: form.groupOf(shape.bytes),
      n: form.groupOf(shape.n),
    };
  });
  return (message) => {
    for (const each of forms) {
      const match = each.form.exec(message);
      if (match !== null) return fill(shape.kind, each, match);
    }
    return null;
  };
}

function fill(kind: number, shape: Shaped, match: Match): Payload {
  const frame = taken(match, shape.frame);
  const arg = taken(match, shape.arg);
  const decimal = taken(match, shape.decimalArg);
  const bytes = taken(match, shape.bytes);
  const n = taken(match, shape.n);
  const plain = arg === undefined ? undefined : word(arg);
  return {
    kind,
    frame: frame === undefined ? undefined : word(frame),
    arg: decimal === undefined ? plain : number(decimal),
    bytes: bytes === undefined ? undefined : Number(bytes),
    n: n === undefined ? undefined : Number(n),
    json: shape.form.json(match),
  };
}

/** Text of a group that has taken part. */
function taken(match: Match, group: number): string | undefined {
  const text = group === 0 ? '' : match[group];
  return text === '' ? undefined : text;
}

const EXIT =
  /^(?:vcpu (?<vcpu>\d+) )?(?:rip [0-9a-f]+ )?reason (?<reason>\S+)(?:.*?\brip (?:0x)?(?<rip>[0-9a-f]+))?(?:.*?\binfo1? (?:0x)?(?<info1>[0-9a-f]+))?(?: (?:info2 )?(?:0x)?(?<info2>[0-9a-f]+))?(?:.*?\bintr_info (?:0x)?(?<intr_info>[0-9a-f]+))?(?:.*?\berror_code (?:0x)?(?<error_code>[0-9a-f]+))?/;
const EXIT_ARM =
  /^(?<reason>\S+): HSR_EC: 0x(?<ec>[0-9a-f]+) \((?<class>[^)]*)\), PC: 0x(?<pc>[0-9a-f]+)\s*$/;
const ENTRY =
  /^vcpu (?<vcpu>\d+)(?:,? rip 0x(?<rip>[0-9a-f]+))?(?: intr_info 0x(?<intr_info>[0-9a-f]+) error_code 0x(?<error_code>[0-9a-f]+))?(?<immediate>\[immediate exit\])?\s*$/;
const ENTRY_ARM = /^PC: 0x(?<pc>[0-9a-f]+)\s*$/;

const exitX86 = shaped({ kind: K.recVmExit, arg: 'rip' }, EXIT);
const exitArm = shaped({ kind: K.recVmExit, arg: 'pc' }, EXIT_ARM);
const entryX86 = shaped({ kind: K.recVmEntry, arg: 'rip' }, ENTRY);
const entryArm = shaped({ kind: K.recVmEntry, arg: 'pc' }, ENTRY_ARM);

const pio = shaped(
  { kind: K.recPio, arg: 'port', bytes: 'size', n: 'count' },
  /^pio_(?<direction>\w+) at 0x(?<port>[0-9a-f]+) size (?<size>\d+) count (?<count>\d+)(?: val 0x(?<value>[0-9a-f]+))?/,
);

/** All accesses of a string instruction together. */
function pioBytes(message: string): Payload | null {
  const payload = pio(message);
  if (payload === null) return null;
  return { ...payload, bytes: (payload.bytes ?? 0) * (payload.n ?? 1) };
}

// The vector was hexadecimal in old kernels; the destination is hexadecimal in new ones.
const MSI = /^dst (?<dst>[0-9a-f]+) vec (?:0x)?(?<vector>[0-9a-f]+) \((?<mode>[^)]*)\)/;

function msi(message: string): Payload | null {
  const match = MSI.exec(message);
  if (match === null) return null;
  const fields = groups(match);
  const vector = fields['vector'] ?? '0';
  return {
    kind: K.recIrqInject,
    arg: /^\d+$/.test(vector) ? number(vector) : hex(vector),
    fields,
  };
}

export const KVM_EVENTS: Readonly<Record<string, PayloadParser>> = {
  kvm_exit: (message) => exitX86(message) ?? exitArm(message),
  kvm_entry: (message) => entryX86(message) ?? entryArm(message),
  // A nested exit is one that the first-level hypervisor sees: no exit of its own.
  kvm_nested_vmexit: fieldsOnly(EXIT),
  kvm_hypercall: shaped(
    { kind: K.recHypercall, arg: 'nr' },
    /^nr 0x(?<nr>[0-9a-f]+) a0 0x(?<a0>[0-9a-f]+) a1 0x(?<a1>[0-9a-f]+) a2 0x(?<a2>[0-9a-f]+) a3 0x(?<a3>[0-9a-f]+)\s*$/,
  ),
  kvm_hv_hypercall: shaped(
    { kind: K.recHypercall, arg: 'code' },
    /^code 0x(?<code>[0-9a-f]+) (?<speed>\S+)(?: var_cnt 0x(?<var_cnt>[0-9a-f]+))?(?: rep_cnt 0x(?<rep_cnt>[0-9a-f]+))?(?: idx 0x(?<idx>[0-9a-f]+))?(?: in 0x(?<in>[0-9a-f]+))?(?: out 0x(?<out>[0-9a-f]+))?/,
  ),
  // a4 and a5 are left out: in Linux 7.0 they print what is not theirs.
  kvm_xen_hypercall: shaped(
    { kind: K.recHypercall, arg: 'nr' },
    /^(?:cpl (?<cpl>\d+) )?nr 0x(?<nr>[0-9a-f]+) a0 0x(?<a0>[0-9a-f]+) a1 0x(?<a1>[0-9a-f]+) a2 0x(?<a2>[0-9a-f]+) a3 0x(?<a3>[0-9a-f]+)/,
  ),
  kvm_hvc_arm64: shaped(
    { kind: K.recHypercall, arg: 'r0' },
    /^HVC at 0x(?<pc>[0-9a-f]+) \(r0: 0x(?<r0>[0-9a-f]+), imm: 0x(?<imm>[0-9a-f]+)\)\s*$/,
  ),
  kvm_mmio: shaped(
    { kind: K.recMmio, frame: 'gpa', arg: 'value', bytes: 'len' },
    /^mmio (?<access>read|write|unsatisfied-read) len (?<len>\d+) gpa 0x(?<gpa>[0-9a-f]+) val 0x(?<value>[0-9a-f]+)\s*$/,
  ),
  kvm_fast_mmio: shaped(
    { kind: K.recKick, frame: 'gpa' },
    /^fast mmio at gpa 0x(?<gpa>[0-9a-f]+)\s*$/,
  ),
  kvm_pio: pioBytes,
  kvm_msi_set_irq: msi,
  kvm_set_irq: shaped(
    { kind: K.recIrqInject, decimalArg: 'gsi' },
    /^gsi (?<gsi>\d+) level (?<level>\d+) source (?<source>\d+)\s*$/,
  ),
  kvm_inj_virq: shaped(
    { kind: K.recIrqInject, arg: 'vector', decimalArg: 'irq' },
    /^(?<type>IRQ|Soft\/INTn) 0x(?<vector>[0-9a-f]+)(?<reinjected> \[reinjected\])?\s*$/,
    /^irq (?<irq>\d+)\s*$/,
  ),
  kvm_irq_line: shaped(
    { kind: K.recIrqInject, decimalArg: 'num' },
    /^Inject (?<type>.+?) interrupt \((?<code>\d+)\), vcpu->idx: (?<vcpu>-?\d+), num: (?<num>\d+), level: (?<level>\d+)\s*$/,
  ),
  kvm_ack_irq: shaped(
    { kind: K.recIrqAck, decimalArg: 'pin' },
    /^irqchip (?<irqchip>\S.*?) pin (?<pin>\d+)\s*$/,
  ),
  kvm_eoi: shaped(
    { kind: K.recIrqAck, decimalArg: 'vector' },
    /^apicid (?<apicid>[0-9a-f]+) vector (?<vector>\d+)\s*$/,
  ),
  kvm_pv_eoi: shaped(
    { kind: K.recIrqAck, decimalArg: 'vector' },
    /^apicid (?<apicid>[0-9a-f]+) vector (?<vector>\d+)\s*$/,
  ),
  kvm_page_fault: shaped(
    { kind: K.recPageFault, frame: 'address', arg: 'rip' },
    /^(?:vcpu (?<vcpu>\d+) rip 0x(?<rip>[0-9a-f]+) )?address (?:0x)?(?<address>[0-9a-f]+) error_code (?:0x)?(?<error_code>[0-9a-f]+)\s*$/,
  ),
  kvm_guest_fault: shaped(
    { kind: K.recPageFault, frame: 'ipa', arg: 'pc' },
    /^ipa (?:0x)?(?<ipa>[0-9a-f]+), hsr (?:0x)?(?<hsr>[0-9a-f]+), hxfar (?:0x)?(?<hxfar>[0-9a-f]+), pc (?:0x)?(?<pc>[0-9a-f]+)\s*$/,
  ),
  kvm_mmio_emulate: fieldsOnly(
    /^Emulate MMIO at: (?<pc>0x[0-9a-f]+) \(instr: (?<instr>[0-9a-f]+), cpsr: (?<cpsr>[0-9a-f]+)\)\s*$/,
  ),
  kvm_wfx_arm64: fieldsOnly(/^guest executed (?<instr>wf[ei]) at: (?<pc>0x[0-9a-f]+)\s*$/),
  kvm_userspace_exit: fieldsOnly(/^reason (?<reason>\S+) \((?<code>-?\d+)\)\s*$/),
  kvm_vcpu_wakeup: fieldsOnly(/^(?<how>\S+) time (?<ns>-?\d+) ns, polling (?<polling>\S+)\s*$/),
};
