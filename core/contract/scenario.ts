/**
 * A scenario: one JSON document that says everything a run depends on. A trace carries it, so that
 * any trace can be run again. Every field has a default, a unit, a range and a sentence; schema,
 * types, help and forms all come from this file.
 */
import * as v from 'valibot';
import { toJsonSchema } from '@valibot/to-json-schema';
import { HYPERVISOR_IDS, SOC_IDS, STRATEGY_IDS, TOPOLOGY_IDS, WORKLOAD_IDS } from './ids.ts';
import { LabError } from './errors.ts';

interface NumberSpec {
  readonly def: number;
  readonly min: number;
  readonly max: number;
  readonly unit: string;
  readonly doc: string;
}

const whole = (spec: NumberSpec) =>
  v.optional(
    v.pipe(
      v.number(),
      v.integer(),
      v.minValue(spec.min),
      v.maxValue(spec.max),
      v.description(spec.doc),
      v.metadata({ unit: spec.unit }),
    ),
    spec.def,
  );

const choice = <const T extends readonly [string, ...string[]]>(
  options: T,
  def: T[number],
  doc: string,
) => v.optional(v.pipe(v.picklist(options), v.description(doc)), def);

const PROFILE_DEFAULT = 'The default is the shipped default of the chosen profile.';

/** Schema of a scenario with every default filled in. */
export const ScenarioSchema = v.strictObject({
  format: v.optional(v.pipe(v.literal(1), v.description('Version of this document.')), 1),
  strategy: choice(STRATEGY_IDS, 'grant-copy', 'How the payload crosses between the domains.'),
  hypervisor: choice(
    HYPERVISOR_IDS,
    'xen-pv-dom0',
    'Hypervisor and kind of the domain that holds the backend.',
  ),
  soc: choice(SOC_IDS, 'xeon-2020', 'Machine.'),
  workload: choice(WORKLOAD_IDS, 'net-tx', 'What the frontend asks for.'),
  topology: choice(
    TOPOLOGY_IDS,
    'mediated',
    'mediated: a backend stands between guest and device; assigned: the device is the guest’s; native: no guest.',
  ),
  seed: whole({
    def: 1,
    min: 0,
    max: 4294967295,
    unit: '',
    doc: 'Seed of every random stream. It enters only through named draws.',
  }),
  requests: whole({
    def: 10_000,
    min: 1,
    max: 100_000_000,
    unit: 'requests',
    doc: 'How many requests the frontend submits.',
  }),
  payloadBytes: whole({
    def: 1500,
    min: 64,
    max: 65_536,
    unit: 'B',
    doc: 'Bytes of one request, headers included. A request above 61440 bytes is sent as two packets, since an IP packet ends at 65535 bytes.',
  }),
  arrival: v.optional(
    v.strictObject({
      kind: choice(
        ['saturate', 'poisson', 'fixed'],
        'saturate',
        'saturate: closed loop, the next request is ready when the socket has room; poisson and fixed: open loop at `perSecond`.',
      ),
      perSecond: whole({
        def: 100_000,
        min: 1,
        max: 100_000_000,
        unit: '1/s',
        doc: 'Offered load of an open loop.',
      }),
      inFlight: whole({
        def: 256,
        min: 1,
        max: 4096,
        unit: 'requests',
        doc: 'Requests that the socket may have outstanding in a closed loop.',
      }),
    }),
    {},
  ),
  frontend: v.optional(
    v.strictObject({
      memoryMiB: whole({
        def: 1024,
        min: 64,
        max: 16_384,
        unit: 'MiB',
        doc: 'Memory of the guest.',
      }),
      fragmentBytes: whole({
        def: 32_768,
        min: 4096,
        max: 32_768,
        unit: 'B',
        doc: 'Largest physically contiguous part of a payload. Linux allocates socket page fragments of 32 KiB where it can (include/net/sock.h).',
      }),
      pageExclusive: v.optional(
        v.pipe(
          v.boolean(),
          v.description(
            'The rest of a partly used page holds nothing of value (as a frontend with trusted=0 arranges). Otherwise it holds other data of the guest.',
          ),
        ),
        false,
      ),
    }),
    {},
  ),
  backend: v.optional(
    v.strictObject({
      kind: choice(['kernel', 'user'], 'kernel', 'netback and vhost, or a process.'),
      cpus: whole({
        def: 2,
        min: 1,
        max: 64,
        unit: 'CPUs',
        doc: 'CPUs of the backend domain or of the host side.',
      }),
      copy: choice(
        ['default', 'always', 'never'],
        'default',
        `Does a virtio backend copy the payload into memory of its own before it sends it? ${PROFILE_DEFAULT}`,
      ),
      privilege: choice(
        ['default', 'control', 'target', 'target-list', 'none'],
        'default',
        `What the backend may map of the guest if it chooses. ${PROFILE_DEFAULT}`,
      ),
    }),
    {},
  ),
  hostDma: choice(
    ['default', 'passthrough', 'lazy', 'strict'],
    'default',
    `DMA mapping of the backend’s own device driver. ${PROFILE_DEFAULT}`,
  ),
  device: v.optional(
    v.strictObject({
      linkMbps: whole({
        def: 0,
        min: 0,
        max: 800_000,
        unit: 'Mb/s',
        doc: 'Link rate; 0 takes the rate of the SoC profile.',
      }),
      ringEntries: whole({
        def: 512,
        min: 64,
        max: 32_768,
        unit: 'descriptors',
        doc: 'Transmit ring of the NIC.',
      }),
      coalesceNs: whole({
        def: 16_000,
        min: 0,
        max: 1_000_000,
        unit: 'ns',
        doc: 'How long a sent packet waits for company before the NIC interrupts (ethtool tx-usecs); 32 packets interrupt at once.',
      }),
    }),
    {},
  ),
  grants: v.optional(
    v.strictObject({
      maxFrames: whole({
        def: 64,
        min: 1,
        max: 1024,
        unit: 'frames',
        doc: 'gnttab_max_frames: 512 version 1 entries each.',
      }),
      maxMaptrackFrames: whole({
        def: 1024,
        min: 1,
        max: 65_536,
        unit: 'frames',
        doc: 'gnttab_max_maptrack_frames: 256 mappings each.',
      }),
    }),
    {},
  ),
  swiotlb: v.optional(
    v.strictObject({
      poolKiB: whole({
        def: 65_536,
        min: 256,
        max: 1_048_576,
        unit: 'KiB',
        doc: 'Size of the bounce pool.',
      }),
      areas: whole({
        def: 1,
        min: 1,
        max: 64,
        unit: 'areas',
        doc: 'Areas with a lock of their own; a power of two. Restricted pools have one in Linux 6.1.',
      }),
      memoryTable: choice(
        ['pool', 'all'],
        'pool',
        'Does the backend’s memory table hold the pool alone, or all memory of the guest?',
      ),
    }),
    {},
  ),
  viommu: v.optional(
    v.strictObject({
      enforcement: choice(
        ['stage2', 'advisory', 'vfio'],
        'stage2',
        'stage2: the hypervisor maps and unmaps pages in the backend; advisory: a vhost IOTLB over memory that stays mapped; vfio: an assigned device behind a vIOMMU.',
      ),
    }),
    {},
  ),
});

/** A scenario as a user may write it: every field may be left out. */
export type ScenarioInput = v.InferInput<typeof ScenarioSchema>;
/** A scenario with every default filled in. */
export type Scenario = v.InferOutput<typeof ScenarioSchema>;

/** The published JSON schema of a scenario. */
export function scenarioJsonSchema(): object {
  return toJsonSchema(ScenarioSchema, { errorMode: 'ignore', typeMode: 'input' });
}

/**
 * Fills in defaults and checks every field.
 *
 * @param where file or option the input came from, for the message
 * @throws LabError BAD_SCENARIO naming the first wrong field, or UNKNOWN_ID for an id
 */
export function parseScenario(input: unknown, where = 'scenario'): Scenario {
  const outcome = v.safeParse(ScenarioSchema, input);
  if (outcome.success) return outcome.output;
  const issue = outcome.issues[0];
  const path = v.getDotPath(issue) ?? '(whole document)';
  const field = fieldsOf().find((each) => each.path === path);
  if (issue.type === 'picklist') {
    const code = /^(strategy|hypervisor|soc|workload|topology)$/.test(path)
      ? 'UNKNOWN_ID'
      : 'BAD_SCENARIO';
    const options = field?.options ?? [];
    throw new LabError(
      code,
      `unknown ${path} ${JSON.stringify(issue.input)}`,
      `${where}: ${path}`,
      `use one of ${options.join(', ')}`,
    );
  }
  const remedy =
    issue.type === 'strict_object'
      ? `remove ${path}: there is no such field`
      : field !== undefined && field.type === 'number'
        ? `give a whole number from ${field.min} to ${field.max}${field.unit === '' ? '' : ` (${field.unit})`}`
        : 'see "mapcopy list fields" for every field with its type and range';
  throw new LabError('BAD_SCENARIO', issue.message, `${where}: ${path}`, remedy);
}

/** One field of a scenario, for help texts and forms. */
export interface ScenarioField {
  /** Dotted path, as in `--set path=value`. */
  readonly path: string;
  readonly type: 'number' | 'boolean' | 'choice';
  readonly def: string | number | boolean;
  readonly unit: string;
  readonly min: number | null;
  readonly max: number | null;
  readonly options: readonly string[];
  readonly doc: string;
}

interface JsonSchemaNode {
  readonly type?: string;
  readonly properties?: Record<string, JsonSchemaNode>;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly description?: string;
  readonly unit?: string;
}

let fields: readonly ScenarioField[] | undefined;

/** Every field of a scenario in document order. */
export function fieldsOf(): readonly ScenarioField[] {
  fields ??= collect(scenarioJsonSchema(), '');
  return fields;
}

function collect(node: JsonSchemaNode, prefix: string): ScenarioField[] {
  const found: ScenarioField[] = [];
  for (const [name, child] of Object.entries(node.properties ?? {})) {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    if (child.properties !== undefined) {
      found.push(...collect(child, path));
    } else if (child.const === undefined) {
      found.push({
        path,
        type: child.enum !== undefined ? 'choice' : child.type === 'boolean' ? 'boolean' : 'number',
        def: child.default as string | number | boolean,
        unit: child.unit ?? '',
        min: child.minimum ?? null,
        max: child.maximum ?? null,
        options: child.enum ?? [],
        doc: child.description ?? '',
      });
    }
  }
  return found;
}

/**
 * Sets one field of a scenario under construction, as `--set path=value` does.
 *
 * @param text the value as typed; numbers and booleans are recognised by the field's type
 * @throws LabError BAD_ARGUMENT when there is no such field or the text is not of its type
 */
export function setField(scenario: Record<string, unknown>, path: string, text: string): void {
  const field = fieldsOf().find((each) => each.path === path);
  if (field === undefined) {
    throw new LabError(
      'BAD_ARGUMENT',
      `there is no field ${JSON.stringify(path)}`,
      '--set',
      'see "mapcopy list fields" for every field of a scenario',
    );
  }
  let value: string | number | boolean = text;
  if (field.type === 'number') {
    value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value)) {
      throw new LabError(
        'BAD_ARGUMENT',
        `${JSON.stringify(text)} is not a number`,
        `--set ${path}`,
        `give a whole number from ${field.min} to ${field.max}`,
      );
    }
  } else if (field.type === 'boolean') {
    if (text !== 'true' && text !== 'false') {
      throw new LabError(
        'BAD_ARGUMENT',
        `${JSON.stringify(text)} is neither true nor false`,
        `--set ${path}`,
        'give true or false',
      );
    }
    value = text === 'true';
  }
  const names = path.split('.');
  let target = scenario;
  for (const name of names.slice(0, -1)) {
    const next = target[name];
    const child: Record<string, unknown> =
      typeof next === 'object' && next !== null ? (next as Record<string, unknown>) : {};
    target[name] = child;
    target = child;
  }
  target[names[names.length - 1] as string] = value;
}
