import { describe, expect, it } from 'vitest';
import { LabError } from './errors.ts';
import { KINDS } from './kinds.ts';
import type { LabHandlers } from './methods/index.ts';
import { createClient, portPair, serve, type Port } from './rpc.ts';
import { fieldsOf, parseScenario, scenarioJsonSchema, setField } from './scenario.ts';

const errorOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof LabError) return error.line;
    throw error;
  }
  return 'no error';
};

describe('a scenario', () => {
  it('that is wrong names the field and the remedy', () => {
    expect(errorOf(() => parseScenario({ strategy: 'grantmap' }))).toMatch(
      /^error: UNKNOWN_ID: unknown strategy "grantmap", scenario: strategy, did you mean grant-map\? use one of grant-map, /,
    );
    expect(errorOf(() => parseScenario({ requests: 0 }, 'a.json'))).toMatch(
      /a\.json: requests, give a whole number from 1 to 100000000 \(requests\)$/,
    );
    expect(errorOf(() => parseScenario({ payloadBytes: 1500.5 }))).toMatch(/BAD_SCENARIO/);
    expect(errorOf(() => parseScenario({ arrival: { rate: 1 } }))).toMatch(
      /arrival\.rate, did you mean arrival\.kind\? remove arrival\.rate: there is no such field$/,
    );
    expect(errorOf(() => parseScenario(null))).toMatch(/BAD_SCENARIO/);
  });

  it('is complete after parsing, and parses again to itself', () => {
    const scenario = parseScenario({});
    expect(parseScenario(structuredClone(scenario))).toEqual(scenario);
    expect(scenario.arrival.inFlight).toBe(256);
  });

  it('has a default, a range and a sentence for every field', () => {
    for (const field of fieldsOf()) {
      expect(field.doc, field.path).toMatch(/[.?]$/);
      expect(field.def, field.path).toBeDefined();
      if (field.type === 'number')
        expect(field.min ?? 0, field.path).toBeLessThanOrEqual(Number(field.def));
      if (field.type === 'choice') expect(field.options, field.path).toContain(field.def);
    }
    expect(scenarioJsonSchema()).toMatchObject({ type: 'object', additionalProperties: false });
  });

  it('takes --set for every field, and only for fields', () => {
    const scenario: Record<string, unknown> = {};
    setField(scenario, 'arrival.inFlight', '32');
    setField(scenario, 'frontend.pageExclusive', 'true');
    setField(scenario, 'hostDma', 'lazy');
    expect(parseScenario(scenario)).toMatchObject({
      arrival: { inFlight: 32 },
      frontend: { pageExclusive: true },
      hostDma: 'lazy',
    });
    expect(errorOf(() => setField({}, 'arrival', '1'))).toMatch(/there is no field "arrival"/);
    expect(errorOf(() => setField({}, '__proto__.x', '1'))).toMatch(/there is no field/);
    expect(errorOf(() => setField({}, 'requests', 'many'))).toMatch(/"many" is not a number/);
    expect(errorOf(() => setField({}, 'frontend.pageExclusive', '1'))).toMatch(
      /give true or false/,
    );
  });
});

describe('the vocabulary', () => {
  it('has one code and one name for each kind, small enough for a byte', () => {
    expect(new Set(KINDS.map((kind) => kind.code)).size).toBe(KINDS.length);
    expect(new Set(KINDS.map((kind) => kind.name)).size).toBe(KINDS.length);
    for (const { code } of KINDS) expect(code).toBeLessThan(256);
  });
});

/** A lab that answers two questions; the others throw. */
function labWith(handlers: Partial<LabHandlers>): LabHandlers {
  return new Proxy(handlers, {
    get: (target, name: keyof LabHandlers) =>
      target[name] ??
      (() => {
        throw new Error('not part of this test');
      }),
  }) as LabHandlers;
}

function connect(handlers: Partial<LabHandlers>) {
  const [near, far] = portPair();
  serve(far, labWith(handlers));
  return { client: createClient(near), far };
}

describe('calls over a port', () => {
  it('check arguments before any handler sees them', async () => {
    const { client } = connect({});
    await expect(client.call('trace.open', { trace: '' })).rejects.toMatchObject({
      data: { code: 'BAD_ARGUMENT' },
    });
  });

  it('refuse methods that do not exist, also those that every object has', async () => {
    const [near, far] = portPair();
    serve(far, labWith({}));
    const answers: unknown[] = [];
    near.onMessage((message) => answers.push(message));
    for (const method of ['nonsense', 'constructor', 'toString', '__proto__']) {
      near.post({ type: 'call', id: 1, method, args: {} });
    }
    near.post('not a message');
    near.post({ type: 'call', id: 'x' });
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(answers).toHaveLength(4);
    for (const answer of answers) expect(answer).toMatchObject({ error: { code: 'BAD_USAGE' } });
  });

  it('carry typed errors, and turn faults into INTERNAL', async () => {
    const { client } = connect({
      'trace.open': () => {
        throw new LabError('NOT_FOUND', 'no such trace', 'x', 'choose another');
      },
    });
    await expect(client.call('trace.open', { trace: 'x' })).rejects.toMatchObject({
      data: { code: 'NOT_FOUND', where: 'x', remedy: 'choose another' },
    });
    await expect(client.call('library.list', {})).rejects.toMatchObject({
      data: { code: 'INTERNAL' },
    });
  });

  it('say that a disk is full, wherever it was written to', async () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), {
      code: 'ENOSPC',
      path: 'names.json',
    });
    const { client } = connect({
      'library.rename': () => {
        throw full;
      },
    });
    await expect(client.call('library.rename', { trace: 'x', name: 'y' })).rejects.toMatchObject({
      data: { code: 'UNWRITABLE', where: 'names.json' },
    });
  });

  it('report progress in order, before the reply', async () => {
    const { client } = connect({
      'experiment.run': (_args, { progress }) => {
        for (let done = 0; done < 3; done++) {
          progress({ done, total: 3, events: done, simulatedNs: 0 });
        }
        throw new LabError('CANCELLED', 'cancelled', '', '');
      },
    });
    const seen: number[] = [];
    await client
      .call(
        'experiment.run',
        { scenario: {}, record: false },
        { onProgress: (progress) => seen.push(progress.done) },
      )
      .catch(() => seen.push(-1));
    expect(seen).toEqual([0, 1, 2, -1]);
  });

  it('can be cancelled by the caller, and end when the caller goes away', async () => {
    const aborted: string[] = [];
    const waiting =
      (name: string) =>
      (_args: unknown, { signal }: { signal: AbortSignal }) =>
        new Promise<never>((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            aborted.push(name);
            reject(new LabError('CANCELLED', 'cancelled', name, ''));
          });
        });
    const { client } = connect({
      'trace.open': waiting('open'),
      'library.list': waiting('list'),
    });
    const controller = new AbortController();
    const call = client.call('trace.open', { trace: 'x' }, { signal: controller.signal });
    controller.abort();
    await expect(call).rejects.toMatchObject({ data: { code: 'CANCELLED' } });
    const lost = client.call('library.list', {});
    await Promise.resolve();
    await Promise.resolve();
    client.close();
    await expect(lost).rejects.toMatchObject({ data: { code: 'HOST_LOST' } });
    await client.closed;
    expect(aborted).toEqual(['open', 'list']);
    await expect(client.call('library.list', {})).rejects.toMatchObject({
      data: { code: 'HOST_LOST' },
    });
  });

  it('send nothing after the port has closed', async () => {
    const sent: unknown[] = [];
    let close: () => void = () => undefined;
    let deliver: (message: unknown) => void = () => undefined;
    const port: Port = {
      post: (message) => sent.push(message),
      onMessage: (listener) => (deliver = listener),
      onClose: (listener) => (close = listener),
      close: () => undefined,
    };
    serve(port, labWith({ 'library.list': () => Promise.resolve([]) }));
    deliver({ type: 'call', id: 1, method: 'library.list', args: {} });
    close();
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(sent).toEqual([]);
  });
});
