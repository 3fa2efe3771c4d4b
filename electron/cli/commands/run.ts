import {
  LabError,
  parseScenario,
  scenarioJsonSchema,
  setField,
  type RunProgress,
  type Scenario,
} from '../../../core/contract/index.ts';
import { parseProfile } from '../../../core/machine/override.ts';
import type { Command } from '../command.ts';
import { withLab } from '../in-process-lab.ts';
import type { Io } from '../io.ts';
import { readObject } from '../json-file.ts';
import { JSON_OPTION, usage, type Arguments } from '../options.ts';
import { resultText } from '../result-text.ts';
import { duration, number } from '../text.ts';

/** Options that set one field of the scenario. */
const SHORTCUTS: Readonly<Record<string, string>> = {
  strategy: 'strategy',
  hypervisor: 'hypervisor',
  soc: 'soc',
  workload: 'workload',
  topology: 'topology',
  bytes: 'payloadBytes',
  requests: 'requests',
  seed: 'seed',
};

/** `mapcopy run`. */
export const run: Command = {
  name: 'run',
  summary: 'Simulate one scenario and print its cost and its safety.',
  synopsis: '[SCENARIO.json] [options]',
  options: {
    strategy: { value: 'S', doc: 'How the payload crosses; see "mapcopy list strategies".' },
    hypervisor: {
      value: 'H',
      doc: 'Hypervisor; see "mapcopy list hypervisors". Or a profile of your own, FILE.json.',
    },
    soc: {
      value: 'C',
      doc: 'Machine; see "mapcopy list socs". Or a profile of your own, FILE.json.',
    },
    workload: { value: 'W', doc: 'What the guest asks for; see "mapcopy list workloads".' },
    topology: { value: 'T', doc: 'mediated, assigned or native.' },
    stream: {
      value: 'FILE',
      doc: 'Play the requests of this trace: workload "recorded".',
    },
    bytes: { value: 'N', doc: 'Bytes of one request.' },
    requests: { value: 'N', doc: 'How many requests.' },
    seed: { value: 'N', doc: 'Seed of the random streams.' },
    set: {
      value: 'PATH=VALUE',
      repeatable: true,
      doc: 'Set any field of the scenario; see "mapcopy list fields".',
    },
    out: { value: 'FILE', doc: 'Record every operation into this trace, NAME.mctrace.' },
    schema: { doc: 'Print the JSON schema of a scenario, and run nothing.' },
    record: { doc: 'Record into the library, where the lab shows it.' },
    ...JSON_OPTION,
  },
  notes: [
    'The file gives a whole scenario, options change it, and what neither says has its default.\nThe same scenario, seed and version give the same events on every machine.',
    'Ctrl-C ends a recorded run properly: the trace is kept, marked incomplete, and the exit\nstatus is 1.',
    'Examples:\n  mapcopy run --strategy grant-map --hypervisor xen-pv-dom0 --soc xeon-2020\n  mapcopy run --strategy grant-copy --bytes 4096 --set backend.cpus=1 --out copy.mctrace\n  mapcopy run scenario.json --seed 7 --json',
  ],
  async run(args, io) {
    if (args.has('schema')) {
      io.out(`${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`);
      return 0;
    }
    const scenario = scenarioOf(args, await recordedOf(args.get('stream'), io));
    const out = args.get('out');
    if (out !== undefined && args.has('record')) {
      throw usage('a run is recorded in one place', 'run --out --record', 'give one of the two');
    }
    const record = out !== undefined || args.has('record');
    const result = await simulate(scenario, { record, out: out ?? null }, io);
    const { trace: _, ...shown } = result;
    io.out(args.has('json') ? `${JSON.stringify(shown, null, 2)}\n` : resultText(shown));
    return 0;
  },
};

/** Workload and requests of a trace, or nothing where none is named. */
async function recordedOf(file: string | undefined, io: Io): Promise<Record<string, unknown>> {
  if (file === undefined) return {};
  const { realParts } = await import('../../lab/real-parts.ts');
  const reader = realParts.traces.openTrace(file);
  try {
    const { left, ...recorded } = reader.stream();
    if (left > 0)
      io.err(`note: ${number(left)} requests of ${file} are left out: too many for a scenario\n`);
    return { workload: 'recorded', recorded };
  } finally {
    reader.close();
  }
}

/**
 * The scenario that file and options describe together.
 *
 * @param fields of the scenario that come from elsewhere
 * @param command for messages
 */
export function scenarioOf(
  args: Arguments,
  fields: Record<string, unknown> = {},
  command = 'run',
): Scenario {
  const [file, extra] = args.positionals;
  if (extra !== undefined) {
    throw usage('there is one argument too many', `${command} ${extra}`, 'give one scenario file');
  }
  const scenario = file === undefined ? {} : readObject(file, 'scenario', 'BAD_SCENARIO');
  Object.assign(scenario, fields);
  for (const { name, value } of args.options) {
    const field = SHORTCUTS[name];
    if ((field === 'soc' || field === 'hypervisor') && value.endsWith('.json')) {
      setProfile(scenario, field, value);
    } else if (field !== undefined) setShortcut(scenario, field, name, value);
    if (name === 'set') setFromText(scenario, value, command);
  }
  return parseScenario(scenario, file ?? 'command line');
}

/** As `--set`, but an error names the option that was given. */
function setShortcut(
  scenario: Record<string, unknown>,
  field: string,
  option: string,
  value: string,
): void {
  try {
    setField(scenario, field, value);
  } catch (thrown) {
    if (!(thrown instanceof LabError)) throw thrown;
    throw LabError.from({ ...thrown.data, where: `--${option}` });
  }
}

function setFromText(scenario: Record<string, unknown>, text: string, command: string): void {
  const equals = text.indexOf('=');
  if (equals < 1) {
    throw usage(
      `${JSON.stringify(text)} is not of the form path=value`,
      `${command} --set`,
      'write for example --set backend.cpus=1',
    );
  }
  setField(scenario, text.slice(0, equals), text.slice(equals + 1));
}

/** A profile of the user's own takes the place of the shipped one that it is built on. */
function setProfile(
  scenario: Record<string, unknown>,
  kind: 'soc' | 'hypervisor',
  file: string,
): void {
  const document = readObject(file, 'profile', 'BAD_PROFILE');
  const parsed = parseProfile(document, file);
  if (parsed.kind !== kind) {
    throw new LabError(
      'BAD_PROFILE',
      `this is a profile of a ${parsed.kind}`,
      `${file}: kind`,
      `give it to --${parsed.kind}`,
    );
  }
  setField(scenario, kind, parsed.base);
  const profiles = scenario.profiles as Record<string, unknown> | undefined;
  scenario.profiles = { ...profiles, [kind]: document };
}

/** Runs through the contract, as the window does, with a lab in this process. */
function simulate(
  scenario: Scenario,
  place: { readonly record: boolean; readonly out: string | null },
  io: Io,
) {
  return withLab(io, (client) =>
    client.call(
      'experiment.run',
      { scenario, ...place },
      { onProgress: (progress) => io.progress(progressLine(progress)) },
    ),
  );
}

function progressLine({ done, total, events, simulatedNs }: RunProgress): string {
  const share = total === 0 ? 0 : Math.floor((100 * done) / total);
  return `${share} %  ${number(done)} of ${number(total)} requests, ${number(events)} events, ${duration(simulatedNs)} simulated`;
}
