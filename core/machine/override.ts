/**
 * A user's own profile: a JSON document that names a shipped profile and what differs from it. Units
 * are those that the quantity has in the shipped profile (`costTable` shows them).
 */
import * as v from 'valibot';
import { toJsonSchema } from '@valibot/to-json-schema';
import { LabError } from '../contract/errors.ts';
import { HYPERVISOR_IDS, SOC_IDS, type SocId } from '../contract/ids.ts';
import {
  ENGINE_DIMENSIONS,
  HYPERVISOR_DIMENSIONS,
  IOTLB_ENTRIES_MAX,
  PAGE_ORDERS,
  SOC_DIMENSIONS,
  type Dimension,
} from './dimensions.ts';
import { hypervisorOf, socOf } from './index.ts';
import type { HypervisorCosts, HypervisorProfile } from './hypervisor/profile.ts';
import { TAGS, type Quantity } from './quantity.ts';
import { IOMMU_KINDS, type CopyEngine, type SocProfile } from './soc/profile.ts';

/** A quantity as a user gives it: the value alone, or with range and provenance. */
function given(dimension: Dimension) {
  const { units, whole, min, max } = dimension;
  const number: v.GenericSchema<number> = whole
    ? v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max))
    : v.pipe(v.number(), v.finite(), v.minValue(min), v.maxValue(max));
  return v.optional(
    v.pipe(
      v.union([
        number,
        v.strictObject({
          value: number,
          low: v.optional(number),
          high: v.optional(number),
          source: v.optional(v.pipe(v.string(), v.nonEmpty())),
          tag: v.optional(v.picklist(TAGS)),
        }),
      ]),
      v.description(`${described(dimension)}.`),
      v.metadata({ units: units.join(' or ') }),
    ),
  );
}

function described({ units, whole, min, max }: Dimension): string {
  const unit = units.join(' or ');
  const range = `from ${min} to ${max}`;
  if (unit === 'count') return `A whole number ${range}`;
  return `A ${whole ? 'whole ' : ''}number ${range}, in ${unit} as in the base profile`;
}

type GivenSchema = ReturnType<typeof given>;
type Given = NonNullable<v.InferOutput<GivenSchema>>;

/** One optional field for each quantity of a table of dimensions. */
function fieldsFor<Name extends string>(dimensions: Readonly<Record<Name, Dimension>>) {
  return Object.fromEntries(
    Object.entries<Dimension>(dimensions).map(([name, each]) => [name, given(each)]),
  ) as Record<Name, GivenSchema>;
}

const common = {
  format: v.pipe(v.literal(1), v.description('Version of this document.')),
  id: v.pipe(
    v.string(),
    v.regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'expected lower case letters, digits and hyphens'),
    v.description('Id of your own, in results and files; not that of a shipped profile.'),
  ),
  name: v.pipe(v.string(), v.nonEmpty(), v.maxLength(100), v.description('Name to be shown.')),
  summary: v.optional(v.pipe(v.string(), v.maxLength(500), v.description('One sentence.'))),
};

const SocOverrideSchema = v.strictObject({
  ...common,
  kind: v.literal('soc'),
  base: v.pipe(v.picklist(SOC_IDS), v.description('Shipped machine that yours is like.')),
  quantities: v.optional(v.strictObject(fieldsFor(SOC_DIMENSIONS)), {}),
  engine: v.optional(
    v.pipe(
      v.nullable(
        v.strictObject({
          name: v.optional(v.pipe(v.string(), v.nonEmpty())),
          ...fieldsFor(ENGINE_DIMENSIONS),
        }),
      ),
      v.description('Copy engine: what differs from the base’s, or null for none.'),
    ),
  ),
  dmaCoherent: v.optional(
    v.pipe(v.boolean(), v.description('Do devices see what is in the CPUs’ caches?')),
  ),
  iommu: v.optional(
    v.pipe(v.picklist(IOMMU_KINDS), v.description('VT-d or AMD-Vi on x86, an SMMU on Arm.')),
  ),
});

const HypervisorOverrideSchema = v.strictObject({
  ...common,
  kind: v.literal('hypervisor'),
  base: v.pipe(v.picklist(HYPERVISOR_IDS), v.description('Shipped hypervisor that yours is like.')),
  costs: v.optional(
    v.strictObject({
      x86: v.optional(v.strictObject(fieldsFor(HYPERVISOR_DIMENSIONS))),
      arm: v.optional(v.strictObject(fieldsFor(HYPERVISOR_DIMENSIONS))),
    }),
    {},
  ),
  mitigations: v.optional(
    v.pipe(v.string(), v.nonEmpty(), v.description('Mitigations in your figures.')),
  ),
});

/** Schema of a user's profile, on its own or within a scenario. */
export const ProfileOverrideSchema = v.variant('kind', [
  SocOverrideSchema,
  HypervisorOverrideSchema,
]);

export type SocOverride = v.InferOutput<typeof SocOverrideSchema>;
export type HypervisorOverride = v.InferOutput<typeof HypervisorOverrideSchema>;
export type ProfileOverride = v.InferOutput<typeof ProfileOverrideSchema>;

/** The published JSON schema of a user's profile. */
export function profileJsonSchema(): object {
  return toJsonSchema(ProfileOverrideSchema, { errorMode: 'ignore', typeMode: 'input' });
}

const bad = (what: string, where: string, remedy: string) =>
  new LabError('BAD_PROFILE', what, where, remedy);

/**
 * Checks a user's profile, to the last quantity.
 *
 * @param where file or field that it came from, for the message
 * @throws LabError BAD_PROFILE naming the first wrong field
 */
export function parseProfile(document: unknown, where = 'profile'): ProfileOverride {
  const outcome = v.safeParse(ProfileOverrideSchema, document);
  if (!outcome.success) throw explain(outcome.issues[0], where);
  const doc = outcome.output;
  // Built once to find what no single field shows: a range, a pair of fields, what the base lacks.
  if (doc.kind === 'soc') buildSoc(doc, where);
  else buildHypervisor(doc, where);
  return doc;
}

type Issue = v.BaseIssue<unknown>;

function explain(issue: Issue, where: string, prefix = ''): LabError {
  const path = [prefix, v.getDotPath(issue) ?? ''].filter((part) => part !== '').join('.');
  // Of a union's issues, those of the form that was meant: a number, or an object.
  const meant = issue.issues?.find((each) => typeof issue.input === 'object' && each.path);
  if (issue.type === 'union' && meant !== undefined) return explain(meant, where, path);
  const at = path === '' ? where : `${where}: ${path}`;
  return bad(whatIs(issue, path), at, remedyFor(issue, path));
}

function whatIs(issue: Issue, path: string): string {
  if (issue.type === 'picklist') return `unknown ${path} ${JSON.stringify(issue.input)}`;
  if (isMissing(issue)) return `${path} is missing`;
  if (path === 'kind') return `unknown kind ${JSON.stringify(issue.input)}`;
  if (isUnknown(issue)) return `there is no field ${path}`;
  return issue.message;
}

const isMissing = (issue: Issue) => issue.input === undefined;
const isUnknown = (issue: Issue) => issue.type === 'strict_object' && issue.expected === 'never';

function remedyFor(issue: Issue, path: string): string {
  const dimension = path
    .split('.')
    .map(dimensionNamed)
    .find((each) => each !== undefined);
  if (isUnknown(issue)) return `remove ${path}; the base’s cost table shows every name`;
  if (path === 'kind') return 'say soc or hypervisor';
  if (path === 'format') return 'say 1';
  if (issue.type === 'picklist') return `use one of ${listed(issue.expected ?? '')}`;
  if (dimension !== undefined) {
    return `${described(dimension).replace('A', 'give a')}, or {value, low, high, source, tag}`;
  }
  return 'see the profile schema for every field with its type';
}

/** Valibot's `("a" | "b")` as a list for people. */
function listed(expected: string): string {
  return expected.replaceAll(/[()"]/g, '').replaceAll(' | ', ', ');
}

function dimensionNamed(name: string): Dimension | undefined {
  const all: Readonly<Record<string, Dimension>> = {
    ...SOC_DIMENSIONS,
    ...ENGINE_DIMENSIONS,
    ...HYPERVISOR_DIMENSIONS,
  };
  return Object.hasOwn(all, name) ? all[name] : undefined;
}

/**
 * A full machine profile of a parsed document.
 *
 * @throws LabError BAD_PROFILE when the document is a hypervisor's
 */
export function applySoc(doc: ProfileOverride): SocProfile {
  if (doc.kind === 'soc') return buildSoc(doc, doc.id);
  throw bad(`${doc.id} is a hypervisor’s profile`, `${doc.id}: kind`, 'give a profile of kind soc');
}

/**
 * A full hypervisor profile of a parsed document.
 *
 * @throws LabError BAD_PROFILE when the document is a machine's
 */
export function applyHypervisor(doc: ProfileOverride): HypervisorProfile {
  if (doc.kind === 'hypervisor') return buildHypervisor(doc, doc.id);
  throw bad(
    `${doc.id} is a machine’s profile`,
    `${doc.id}: kind`,
    'give a profile of kind hypervisor',
  );
}

/** The base's quantity with what the user gave in its place; without a range of its own, exact. */
function overridden(base: Quantity, value: Given, id: string, where: string): Quantity {
  const full = typeof value === 'number' ? { value } : value;
  const { low = full.value, high = full.value, source, tag = 'user' } = full;
  if (low > full.value || high < full.value) {
    throw bad(
      `its range ${low} to ${high} does not hold the value ${full.value}`,
      where,
      'give low <= value <= high',
    );
  }
  const said = source === undefined ? '' : `: ${source}`;
  return { ...base, value: full.value, low, high, tag, source: `the user’s profile ${id}${said}` };
}

function ownId(id: string, where: string): void {
  if (![...SOC_IDS, ...HYPERVISOR_IDS].some((each) => each === id)) return;
  throw bad(`${id} is the id of a shipped profile`, `${where}: id`, 'give an id of your own');
}

function buildSoc(doc: SocOverride, where: string): SocProfile {
  ownId(doc.id, where);
  const base = socOf(doc.base);
  const quantities: Record<string, Quantity | null> = { ...base.quantities };
  for (const [name, value] of Object.entries(doc.quantities)) {
    if (value === undefined) continue;
    const old = quantities[name] ?? null;
    const at = `${where}: quantities.${name}`;
    if (old === null) throw bad(`${base.id} has no ${name}`, at, `remove ${name}`);
    quantities[name] = overridden(old, value, doc.id, at);
  }
  const profile: SocProfile = {
    ...base,
    id: doc.id,
    name: doc.name,
    summary: doc.summary ?? `${base.name}, changed by the profile ${doc.id}`,
    dmaCoherent: doc.dmaCoherent ?? base.dmaCoherent,
    iommu: doc.iommu ?? base.iommu,
    engine: buildEngine(doc, base.engine, where),
    quantities: quantities as unknown as SocProfile['quantities'],
  };
  checkSoc(profile, where);
  return profile;
}

function buildEngine(doc: SocOverride, base: CopyEngine | null, where: string): CopyEngine | null {
  if (doc.engine === undefined) return base;
  if (doc.engine === null) return null;
  const { name = base?.name ?? `copy engine of ${doc.name}`, ...given } = doc.engine;
  const built: Record<string, Quantity | string> = { ...base, name };
  for (const [key, dimension] of Object.entries(ENGINE_DIMENSIONS)) {
    const value = given[key as keyof typeof given];
    const at = `${where}: engine.${key}`;
    // Where the base has no engine, a duration is in nanoseconds.
    const unit = dimension.units.includes('ns') ? 'ns' : (dimension.units[0] as Quantity['unit']);
    const blank: Quantity = { value: 0, unit, low: 0, high: 0, tag: 'user', source: '' };
    const old = base?.[key as keyof typeof given] ?? blank;
    if (value !== undefined) built[key] = overridden(old, value, doc.id, at);
    else if (base === null) {
      throw bad(`${doc.base} has no copy engine to take ${key} from`, at, `give ${key} (${unit})`);
    }
  }
  return built as unknown as CopyEngine;
}

function checkSoc(soc: SocProfile, where: string): void {
  const { llcWays, ddioWays, identityOrder, iotlbSets, iotlbWays } = soc.quantities;
  const kinds = IOMMU_KINDS.filter((each) => each.startsWith('SMMU') === (soc.arch === 'arm'));
  if (!kinds.includes(soc.iommu)) {
    throw bad(
      `${soc.iommu} does not exist on ${soc.arch === 'arm' ? 'Arm' : 'x86'}`,
      `${where}: iommu`,
      `use ${kinds.join(' or ')}`,
    );
  }
  if (ddioWays.value > llcWays.value) {
    throw bad(
      `devices cannot allocate into ${ddioWays.value} of ${llcWays.value} ways`,
      `${where}: quantities.ddioWays`,
      'give at most llcWays',
    );
  }
  if (iotlbSets.value * iotlbWays.value > IOTLB_ENTRIES_MAX) {
    throw bad(
      `an IOTLB of ${iotlbSets.value} sets of ${iotlbWays.value} ways is too large`,
      `${where}: quantities.iotlbSets`,
      `give at most ${IOTLB_ENTRIES_MAX} entries in all`,
    );
  }
  if (!PAGE_ORDERS.some((each) => each === identityOrder.value)) {
    throw bad(
      `no page has 2^${identityOrder.value} pages here`,
      `${where}: quantities.identityOrder`,
      `use ${PAGE_ORDERS.join(' or ')}: 4 KiB or 2 MiB`,
    );
  }
}

function buildHypervisor(doc: HypervisorOverride, where: string): HypervisorProfile {
  ownId(doc.id, where);
  const base = hypervisorOf(doc.base);
  let { costs, onSoc = {} } = base;
  for (const arch of ['x86', 'arm'] as const) {
    const given = doc.costs[arch];
    if (given === undefined) continue;
    const old = costs[arch];
    if (old === undefined) {
      throw bad(`${base.id} does not run on ${arch}`, `${where}: costs.${arch}`, `remove ${arch}`);
    }
    const changed: Record<string, Quantity> = { ...old };
    for (const [name, value] of Object.entries(given)) {
      if (value === undefined) continue;
      const at = `${where}: costs.${arch}.${name}`;
      changed[name] = overridden(old[name as keyof HypervisorCosts], value, doc.id, at);
    }
    costs = { ...costs, [arch]: changed };
    onSoc = withoutCosts(onSoc, arch, Object.keys(given));
  }
  return {
    ...base,
    id: doc.id,
    name: doc.name,
    summary: doc.summary ?? `${base.name}, changed by the profile ${doc.id}`,
    mitigations: doc.mitigations ?? base.mitigations,
    costs,
    onSoc,
  };
}

/** What the user gave for an architecture holds on each of its machines. */
function withoutCosts(
  onSoc: NonNullable<HypervisorProfile['onSoc']>,
  arch: 'x86' | 'arm',
  names: readonly string[],
): NonNullable<HypervisorProfile['onSoc']> {
  const entries = Object.entries(onSoc) as [SocId, Partial<HypervisorCosts>][];
  return Object.fromEntries(
    entries.map(([soc, costs]) => {
      if (socOf(soc).arch !== arch) return [soc, costs];
      return [
        soc,
        Object.fromEntries(Object.entries(costs).filter(([name]) => !names.includes(name))),
      ];
    }),
  );
}
