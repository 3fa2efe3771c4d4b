/**
 * Parquet: one row an event, 64-bit integers exact, where the trace comes from in the file's metadata.
 * Rows are kept until a row group is full, which bounds memory.
 */
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { VERSION } from '../../core/contract/version.ts';
import type { TraceStore } from '../read/store.ts';
import { trackName, type DecodedEvent, type Range, type Wide } from './decoded.ts';
import { provenanceOf } from './provenance.ts';

/** Readers skip whole row groups, so they are not too large; each costs its statistics. */
const GROUP_ROWS = 16_384;

type Value = bigint | number | string | DecodedEvent['details'];
type Element = ConstructorParameters<typeof ParquetWriter>[0]['schema'][number];

interface Column {
  readonly name: string;
  readonly element: Omit<Element, 'name' | 'repetition_type'>;
  readonly nullable: boolean;
  /** Integers that grow: the differences are what is stored. */
  readonly grows?: boolean;
  readonly of: (event: DecodedEvent, tickPs: bigint) => Value;
}

const int64 = { type: 'INT64' } as const;
const unsigned = { type: 'INT64', converted_type: 'UINT_64' } as const;
const text = { type: 'BYTE_ARRAY', converted_type: 'UTF8' } as const;

const COLUMNS: readonly Column[] = [
  { name: 'id', element: int64, nullable: false, grows: true, of: ({ id }) => BigInt(id) },
  {
    name: 'ts_ps',
    element: int64,
    nullable: false,
    grows: true,
    of: ({ ts }, tickPs) => BigInt(ts) * tickPs,
  },
  {
    name: 'dur_ps',
    element: int64,
    nullable: false,
    of: ({ dur }, tickPs) => BigInt(dur) * tickPs,
  },
  { name: 'name', element: text, nullable: false, of: ({ name }) => name },
  { name: 'kind', element: text, nullable: false, of: ({ kind }) => kind.name },
  { name: 'category', element: text, nullable: false, of: ({ kind }) => kind.category },
  { name: 'actor', element: text, nullable: false, of: ({ track }) => track.actorName },
  { name: 'track', element: text, nullable: false, of: ({ track }) => trackName(track) },
  { name: 'level', element: { type: 'INT32' }, nullable: false, of: ({ level }) => level },
  { name: 'request', element: int64, nullable: true, of: ({ request }) => whole(request) },
  { name: 'frame', element: unsigned, nullable: true, of: ({ frame }) => unsignedBits(frame) },
  { name: 'bytes', element: int64, nullable: true, of: ({ bytes }) => whole(bytes) },
  { name: 'n', element: int64, nullable: true, of: ({ n }) => whole(n) },
  { name: 'status', element: int64, nullable: true, of: ({ status }) => whole(status) },
  { name: 'arg', element: int64, nullable: true, of: ({ arg }) => signedBits(arg) },
  {
    name: 'details',
    element: { type: 'BYTE_ARRAY', converted_type: 'JSON' },
    nullable: true,
    of: ({ details }) => details,
  },
];

function whole(value: number | null): bigint | null {
  return value === null ? null : BigInt(value);
}

function unsignedBits(value: Wide): bigint | null {
  return value === null ? null : BigInt.asUintN(64, BigInt(value));
}

/** Of some kinds an address, of others a number that may be negative: as the trace has it. */
function signedBits(value: Wide): bigint | null {
  return value === null ? null : BigInt.asIntN(64, BigInt(value));
}

/** Hands over what a row group needed, and begins anew. */
class Pieces extends ByteWriter {
  readonly #write: (bytes: Uint8Array) => void;

  constructor(write: (bytes: Uint8Array) => void) {
    super();
    this.#write = write;
  }

  flush(): void {
    this.#write(this.getBytes());
    this.index = 0;
  }

  override finish(): void {
    this.flush();
  }
}

export class ParquetEvents {
  readonly #writer: ParquetWriter;
  readonly #tickPs: bigint;
  #rows: Value[][] = COLUMNS.map(() => []);

  constructor(store: TraceStore, range: Range, write: (bytes: Uint8Array) => void) {
    this.#tickPs = BigInt(store.tickPs);
    this.#writer = new ParquetWriter({
      writer: new Pieces(write),
      schema: [
        { name: 'events', num_children: COLUMNS.length },
        ...COLUMNS.map(({ name, element, nullable }): Element => ({
          name,
          ...element,
          repetition_type: nullable ? 'OPTIONAL' : 'REQUIRED',
        })),
      ],
      kvMetadata: Object.entries(provenanceOf(store, range)).map(([key, value]) => ({
        key,
        value,
      })),
      createdBy: `mapcopy ${VERSION}`,
    });
  }

  event(event: DecodedEvent): void {
    for (const [at, { of }] of COLUMNS.entries()) {
      (this.#rows[at] as Value[]).push(of(event, this.#tickPs));
    }
    if (this.#rows[0]?.length === GROUP_ROWS) this.#writeGroup();
  }

  end(): void {
    this.#writeGroup();
    this.#done(this.#writer.finish());
  }

  #writeGroup(): void {
    const columnData = COLUMNS.map(({ name, grows }, at) => ({
      name,
      data: this.#rows[at] as Value[],
      ...(grows === true ? { encoding: 'DELTA_BINARY_PACKED' as const } : {}),
    }));
    this.#done(this.#writer.write({ columnData, rowGroupSize: GROUP_ROWS }));
    this.#rows = COLUMNS.map(() => []);
  }

  /** Our writer takes bytes at once, so that nothing is left to wait for. */
  #done(result: void | Promise<void>): void {
    if (result instanceof Promise) throw new Error('the Parquet writer has not finished');
  }
}
