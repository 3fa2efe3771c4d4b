/** What there is to choose from, with what people want to know before they choose. */
import { unreachable } from '../base/assert.ts';
import { HAZARDS, HAZARD_IDS } from '../contract/ids.ts';
import type { CATALOGUES, CatalogueRow } from '../contract/methods.ts';
import { fieldsOf, parseScenario } from '../contract/scenario.ts';
import { HYPERVISORS, profileHash, SOCS } from '../machine/index.ts';
import { STRATEGIES } from '../strategies/index.ts';
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
      return [
        {
          id: 'net-tx',
          name: 'Network transmit',
          topologies: ['mediated'],
          summary:
            'An application in the guest sends; the payload leaves through the backend’s NIC.',
        },
      ];
    case 'hazards':
      return HAZARD_IDS.map((id) => ({
        id,
        ...HAZARDS[id],
        checked: ['H1', 'H3', 'H4', 'H7'].includes(id),
      }));
    case 'fields':
      return fieldsOf().map((field) => ({ id: field.path, name: field.path, ...field }));
    default:
      return unreachable(what);
  }
}

function strategyRow(strategy: Strategy): CatalogueRow {
  const { id, name, explanation, source, standing, ring } = strategy;
  const scenario = parseScenario({ strategy: id });
  return {
    id,
    name,
    explanation,
    source,
    standing,
    ring,
    hypervisors: Object.fromEntries(
      HYPERVISORS.map((each) => [each.id, strategy.judge(each, scenario)]),
    ),
  };
}
