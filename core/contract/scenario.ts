/**
 * A scenario: one JSON document that says everything a run depends on. A trace carries it, so that
 * any trace can be run again. Every field has a default, a unit, a range and a sentence; schema,
 * types, help and forms all come from this file.
 */
import * as v from 'valibot';
import { toJsonSchema } from '@valibot/to-json-schema';
import { nearest } from '../base/nearest.ts';
import { HYPERVISOR_IDS, SOC_IDS, STRATEGY_IDS, TOPOLOGY_IDS, WORKLOAD_IDS } from './ids.ts';
import { LabError, type ErrorCode } from './errors.ts';
import { dirtyTracking, faults } from './scenario/faults.ts';
import { choice, PROFILE_DEFAULT, whole } from './scenario/spec.ts';
import {
  argo,
  fifo,
  grants,
  identity,
  iova,
  light,
  offload,
  persistent,
  preshared,
  pviommu,
  swiotlb,
  viommu,
  virtioGrant,
} from './scenario/strategies.ts';
import { arrival, backend, device, frontend, placement } from './scenario/system.ts';
import { blk, display, gpu, net, recorded } from './scenario/workloads.ts';

/** A profile of the user's own, as its JSON document; core/machine checks it. */
const ownProfile = (what: string) =>
  v.optional(
    v.nullable(
      v.pipe(
        v.record(v.string(), v.unknown()),
        v.description(`A ${what} profile of your own: what differs from a shipped one.`),
      ),
    ),
    null,
  );

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
  profiles: v.optional(
    v.strictObject({ soc: ownProfile('SoC'), hypervisor: ownProfile('hypervisor') }),
    {},
  ),
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
    doc: 'How many requests are made, of all queues and guests together.',
  }),
  payloadBytes: whole({
    def: 1500,
    min: 64,
    max: 4_194_304,
    unit: 'B',
    doc: 'Bytes of one request, headers included. Network: at most 65536, and above 61440 sent as two packets, since an IP packet ends at 65535 bytes. Block: a multiple of 512.',
  }),
  guests: whole({
    def: 1,
    min: 1,
    max: 64,
    unit: 'guests',
    doc: 'Frontends, each in a guest of its own, on one backend.',
  }),
  arrival,
  frontend,
  backend,
  placement,
  hostDma: choice(
    ['default', 'passthrough', 'lazy', 'strict'],
    'default',
    `DMA mapping of the backend’s own device driver. ${PROFILE_DEFAULT}`,
  ),
  device,
  net,
  blk,
  gpu,
  display,
  recorded,
  grants,
  persistent,
  light,
  offload,
  pviommu,
  swiotlb,
  fifo,
  viommu,
  virtioGrant,
  argo,
  preshared,
  identity,
  iova,
  dirtyTracking,
  faults,
});

/** A scenario as a user may write it: every field may be left out. */
export type ScenarioInput = v.InferInput<typeof ScenarioSchema>;
/** A scenario with every default filled in. */
export type Scenario = v.InferOutput<typeof ScenarioSchema>;

/** The published JSON schema of a scenario. */
export function scenarioJsonSchema(): object {
  return toJsonSchema(ScenarioSchema, { errorMode: 'ignore', typeMode: 'input' });
}

/** How many requests a scenario has: those of its recorded stream, or as many as it says. */
export function requestsOf({ workload, recorded, requests }: Scenario): number {
  return workload === 'recorded' ? recorded.stream.length : requests;
}

/** Bytes of its largest request. */
export function largestRequestOf({ workload, recorded, payloadBytes }: Scenario): number {
  if (workload !== 'recorded') return payloadBytes;
  return recorded.stream.reduce((most, [, bytes]) => Math.max(most, bytes), 1);
}

/** What its requests are requests of. */
export function protocolOf({ workload, recorded }: Scenario): 'net' | 'blk' | 'gpu' | 'display' {
  if (workload === 'recorded') return recorded.protocol;
  if (workload === 'display') return 'display';
  if (workload === 'gpu-gtt') return 'gpu';
  return workload.startsWith('blk-') ? 'blk' : 'net';
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
  const path = v.getDotPath(issue) ?? '';
  const { code, what, remedy } = explainIssue(issue, path);
  const place = path === '' ? '(whole document)' : path;
  throw new LabError(code, what, `${where}: ${place}`, remedy);
}

const IDS = /^(strategy|hypervisor|soc|workload|topology)$/;

/**
 * Says what is wrong with a field of a scenario, and how to mend it.
 *
 * @param path of the field within the scenario, wherever the scenario stands
 */
export function explainIssue(
  issue: v.BaseIssue<unknown>,
  path: string,
): { readonly code: ErrorCode; readonly what: string; readonly remedy: string } {
  const field = fieldsOf().find((each) => each.path === path);
  const meant = (word: string, among: readonly string[]) => {
    const close = nearest(word, among);
    return close === undefined ? '' : `did you mean ${close}? `;
  };
  if (issue.type === 'picklist') {
    const options = field?.options ?? [];
    const close = typeof issue.input === 'string' ? meant(issue.input, options) : '';
    return {
      code: IDS.test(path) ? 'UNKNOWN_ID' : 'BAD_SCENARIO',
      what: `unknown ${path} ${JSON.stringify(issue.input)}`,
      remedy: `${close}use one of ${options.join(', ')}`,
    };
  }
  const paths = fieldsOf().map((each) => each.path);
  const remedy =
    issue.type === 'strict_object'
      ? `${meant(path, paths)}remove ${path}: there is no such field`
      : field !== undefined && field.type === 'number'
        ? `give a whole number from ${field.min} to ${field.max}${field.unit === '' ? '' : ` (${field.unit})`}`
        : 'see "mapcopy list fields" for every field with its type and range';
  const what = issue.type === 'strict_object' ? `unknown field ${path}` : issue.message;
  return { code: 'BAD_SCENARIO', what, remedy };
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

/** Fields that are one value, and so fit into `--set path=value` and into a form. */
const SCALAR = /^(number|integer|boolean)$/;

function collect(node: JsonSchemaNode, prefix: string): ScenarioField[] {
  const found: ScenarioField[] = [];
  for (const [name, child] of Object.entries(node.properties ?? {})) {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    if (child.properties !== undefined) {
      found.push(...collect(child, path));
    } else if (child.enum !== undefined || SCALAR.test(child.type ?? '')) {
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
