/** What there is to choose from, with what people want to know before they choose. */
import { unreachable } from '../base/assert.ts';
import { HAZARDS, HAZARD_IDS } from '../contract/ids.ts';
import type { CATALOGUES, CatalogueRow } from '../contract/methods/index.ts';
import { fieldsOf, parseScenario } from '../contract/scenario.ts';
import { HYPERVISORS, profileHash, SOCS } from '../machine/index.ts';
import { WORKLOADS } from '../workloads/index.ts';
import type { SocProfile } from '../machine/soc/profile.ts';
import { STRATEGIES } from '../strategies/index.ts';
import { CHECKED } from '../safety/oracle.ts';
import type { Strategy } from '../strategies/types.ts';

/** Rows of one catalogue: `{id, name, ...}`. */
export function catalogue(what: (typeof CATALOGUES)[number]): readonly CatalogueRow[] {
  switch (what) {
    case 'strategies':
      return STRATEGIES.map(strategyRow);
    case 'hypervisors':
      return HYPERVISORS.map(({ id, name, ...rest }) => ({
        id,
        name,
        ...rest,
        hash: profileHash(HYPERVISORS.find((each) => each.id === id) as (typeof HYPERVISORS)[0]),
      }));
    case 'socs':
      return SOCS.map((soc) => ({ ...soc, hash: profileHash(soc) }));
    case 'workloads':
      return WORKLOADS.map(({ id, name, summary, topologies }) => ({
        id,
        name,
        summary,
        topologies,
      }));
    case 'hazards':
      return HAZARD_IDS.map((id) => ({
        id,
        ...HAZARDS[id],
        checked: CHECKED.includes(id),
      }));
    case 'fields':
      return fieldsOf().map((field) => ({ id: field.path, name: field.path, ...field }));
    default:
      return unreachable(what);
  }
}

function strategyRow(strategy: Strategy): CatalogueRow {
  const { id, name, explanation, source, standing, ring, topologies, sequences } = strategy;
  const topology = strategy.topologies[0] ?? 'mediated';
  const scenario = parseScenario({ strategy: id, topology });
  return {
    id,
    name,
    explanation,
    source,
    standing,
    ring,
    topologies,
    sequences,
    hypervisors: Object.fromEntries(
      HYPERVISORS.map((hypervisor) => {
        const soc = SOCS.find((each) => hypervisor.archs.includes(each.arch)) as SocProfile;
        return [hypervisor.id, strategy.judge({ hypervisor, soc, scenario })];
      }),
    ),
  };
}
