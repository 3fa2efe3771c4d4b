/** What every report says of itself: how its figures came about, and of which files they are. */
import { TAGS } from '../machine/quantity.ts';
import { hypervisorOf, HYPERVISORS, profileHash, socOf, SOCS } from '../machine/index.ts';
import { hypervisorRows, socRows } from '../machine/table.ts';
import { bytes, durationNs, fixed, plural } from '../figures/numbers.ts';
import { code, heading, note, paragraph, table, type Block } from './blocks.ts';
import type { ReportTrace } from './sections.ts';

/** The chapter on method. Nothing in it depends on when or where the report is written. */
export function methodBlocks(traces: readonly ReportTrace[]): Block[] {
  const results = traces.flatMap(({ info }) => (info.result === null ? [] : [info.result]));
  const recorded = traces.filter(({ info }) => info.kind === 'imported');
  const topologies = [...new Set(results.map((each) => each.topology))];
  const hypothetical = [
    ...new Map(
      results
        .filter((each) => each.pair === 'hypothetical')
        .map((each) => [`${each.strategy} on ${each.hypervisor}`, each.pairReason]),
    ),
  ];
  const blocks: Block[] = [heading(2, 'Method')];
  if (results.length > 0) {
    blocks.push(
      note('simulated', 'The results are simulated. They are as good as the cost model below.'),
      paragraph(
        'Each run is a discrete-event simulation in integer picoseconds: guests, backend, hypervisor, IOMMU and device work on state of their own (grant tables, page tables, IOTLB, rings, pools) and wait for CPUs, locks and queues. The same scenario, seed and version give the same events; the fingerprint is a hash over them. Rates and CPU times are of the steady state: the first tenth of the requests (at most 1000) are warm-up, as many as are under way then are cool-down. Counts, hazards and exposure are of the whole run.',
      ),
      paragraph(
        'Beside the performance model an oracle knows at every instant which bytes each actor should be able to reach and which it can. Exposure is what others can reach beyond need, integrated over time. A hazard that a run does not check is said to be not checked.',
      ),
    );
  }
  if (topologies.length > 1) {
    blocks.push(
      note(
        'warning',
        `Results of ${topologies.join(' and ')} are of different topologies: compare within one only.`,
      ),
    );
  }
  for (const [pair, reason] of hypothetical) {
    blocks.push(
      paragraph(
        `† ${pair} is hypothetical: the same primitives at that hypervisor's costs. ${reason}`,
      ),
    );
  }
  if (recorded.length > 0) {
    blocks.push(
      paragraph(
        `${recorded.map(({ info }) => info.name).join(', ')} ${recorded.length === 1 ? 'was' : 'were'} recorded on real systems and imported; nothing in ${recorded.length === 1 ? 'it' : 'them'} is simulated.`,
      ),
    );
  }
  const profiles = profileTable(traces);
  return profiles === null ? blocks : [...blocks, profiles];
}

/** The cost model: each profile with its hash, and how many of its numbers rest on what. */
function profileTable(traces: readonly ReportTrace[]): Block | null {
  const used = new Map<string, { id: string; hash: string; soc: string }>();
  for (const { info } of traces) {
    if (info.result === null) continue;
    const { profiles, soc } = info.result;
    for (const [id, hash] of Object.entries(profiles)) used.set(`${id} ${hash}`, { id, hash, soc });
  }
  if (used.size === 0) return null;
  const rows = [...used.values()].sort((x, y) => (x.id < y.id ? -1 : 1));
  return table(
    'Cost model. S: seen in the source; S-abs: seen in an abstract or quotation; D: worked out from such; R: remembered; assumption: chosen, no source found.',
    ['profile', 'hash', ...TAGS.slice(0, 5).map((tag) => `>${tag}`)],
    rows.map(({ id, hash, soc }) => {
      const tally = tallyOf(id, hash, soc);
      return [
        id,
        code(hash),
        ...TAGS.slice(0, 5).map((tag) =>
          tally === null ? 'other numbers' : fixed(tally.get(tag) ?? 0),
        ),
      ];
    }),
  );
}

/** Null for a profile of a user's own, or of another version. */
function tallyOf(id: string, hash: string, soc: string): Map<string, number> | null {
  const isSoc = SOCS.some((each) => each.id === id);
  if (!isSoc && !HYPERVISORS.some((each) => each.id === id)) return null;
  const profile = isSoc ? socOf(id) : hypervisorOf(id);
  if (profileHash(profile) !== hash || !SOCS.some((each) => each.id === soc)) return null;
  const rows = isSoc ? socRows(socOf(id)) : hypervisorRows(hypervisorOf(id), socOf(soc));
  const tally = new Map<string, number>();
  for (const { tag } of rows) tally.set(tag, (tally.get(tag) ?? 0) + 1);
  return tally;
}

/** The chapter on files: enough to find or make each of them again. */
export function provenanceBlocks(traces: readonly ReportTrace[]): Block[] {
  if (traces.length === 0) return [];
  return [
    heading(2, 'Traces'),
    table(
      'Files that this report rests on.',
      [
        'trace',
        'status',
        '>events',
        '>requests',
        'seed',
        'fingerprint or source',
        'scenario',
        'written by',
      ],
      traces.map(({ ref, info: { provenance, ...info } }) => [
        info.name === ref ? ref : `${info.name} (${ref})`,
        info.status,
        fixed(info.events),
        fixed(info.requests),
        provenance['seed'] ?? '–',
        code(provenance['fingerprint'] ?? provenance['source_sha256'] ?? '–'),
        code(provenance['scenario_hash'] ?? '–'),
        provenance['program'] ?? '–',
      ]),
    ),
    ...traces.flatMap(({ info }) =>
      info.importCounts === null
        ? []
        : [
            paragraph(
              `${info.name}: ${info.importCounts.format}, ${plural(info.importCounts.lines, 'line')}, ${plural(info.importCounts.events, 'event')} (${fixed(info.importCounts.typed)} typed, ${fixed(info.importCounts.generic)} generic, ${fixed(info.importCounts.raw)} raw), ${plural(info.importCounts.warningsTotal, 'warning')}.`,
            ),
          ],
    ),
    ...traces.flatMap(({ info }) =>
      info.scenario === null
        ? []
        : [
            paragraph(
              `${info.name}: ${info.scenario.strategy} on ${info.scenario.hypervisor}, ${info.scenario.soc}; ${info.scenario.workload}, ${fixed(info.requests)} requests of ${bytes(info.scenario.payloadBytes)}, simulated time ${durationNs(((info.lastTick - info.firstTick) * info.tickPs) / 1000)}. The trace holds the whole scenario.`,
            ),
          ],
    ),
  ];
}
