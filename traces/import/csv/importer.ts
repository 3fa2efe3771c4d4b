/** A CSV file into events, as a mapping says. */
import { LabError } from '../../../core/contract/errors.ts';
import { K } from '../../../core/contract/kinds.ts';
import type { CsvField, CsvMapping } from '../../../core/contract/methods/index.ts';
import type { Line } from '../lines.ts';
import type { Payload } from '../payload/index.ts';
import type { RecordedSink } from '../recorded.ts';
import type { TextImporter } from '../text-importer.ts';
import { columnNames } from './guess.ts';
import { kindCode } from './mapping.ts';
import { RowReader, type Row } from './rows.ts';
import { clock, lengthOf, timeOf } from './times.ts';

const NUMBER = /^(?:0[xX][0-9a-fA-F]{1,16}|-?\d{1,20})$/;

interface Column {
  readonly title: string;
  readonly field: CsvField;
}

export class CsvImporter implements TextImporter {
  readonly format = 'csv';
  readonly #sink: RecordedSink;
  readonly #mapping: CsvMapping;
  readonly #kinds: ReadonlyMap<string, string>;
  readonly #rows: RowReader;
  #columns: readonly Column[] | null = null;
  #saidUntimed = false;
  skipped = 0;

  constructor(sink: RecordedSink, mapping: CsvMapping) {
    this.#sink = sink;
    this.#mapping = mapping;
    this.#kinds = new Map(Object.entries(mapping.kinds ?? {}));
    this.#rows = new RowReader(mapping.delimiter, (row) => this.#row(row));
  }

  line(line: Line): void {
    this.#rows.line(line);
  }

  end(): void {
    this.#rows.end();
  }

  nothingFound(path: string): LabError {
    return new LabError('NO_EVENTS', 'there is no row in it', path, 'give a file with rows');
  }

  #row(row: Row): void {
    if (row.problem !== null) {
      this.#sink.warn(row.line, row.problem, row.text);
      return;
    }
    if (row.text.trim() === '') {
      this.skipped += 1;
      return;
    }
    if (this.#columns === null) {
      this.#columns = this.#columnsOf(row);
      if (this.#mapping.header) {
        this.skipped += 1;
        return;
      }
    }
    if (row.fields.length > this.#columns.length) {
      const reason = `the row has ${row.fields.length} fields but there are ${this.#columns.length} columns`;
      this.#sink.warn(row.line, reason, row.text);
    }
    this.#event(row, this.#columns);
  }

  /** @throws LabError BAD_ARGUMENT when the mapping speaks of columns that are not there */
  #columnsOf({ fields }: Row): Column[] {
    const titles = columnNames(fields, this.#mapping.header);
    for (const title of Object.keys(this.#mapping.columns)) {
      if (titles.includes(title)) continue;
      const what = `the mapping has a column "${title}" but the file has ${titles.map((each) => `"${each}"`).join(', ')}`;
      throw new LabError('BAD_ARGUMENT', what, title, 'name the columns as the file does');
    }
    return titles.map((title) => ({ title, field: this.#mapping.columns[title] ?? 'detail' }));
  }

  #event(row: Row, columns: readonly Column[]): void {
    const values = new Map<CsvField, string>();
    const details: [string, string][] = [];
    columns.forEach(({ title, field }, i) => {
      const value = (row.fields[i] ?? '').trim();
      if (value === '' || field === 'ignore') return;
      if (field === 'detail') details.push([title === 'name' ? 'field.name' : title, value]);
      else values.set(field, value);
    });
    const name = values.get('name') ?? 'row';
    const kind = kindCode(this.#kinds.get(name) ?? name) ?? K.generic;
    const time = timeOf(values.get('time') ?? '', this.#mapping);
    const length = values.get('duration');
    const dur = lengthOf(length ?? '', this.#mapping);
    if (length !== undefined && dur === null) this.#noNumber('duration', length, row);
    if (time === null && !this.#saidUntimed) {
      this.#saidUntimed = true;
      const reason = 'this and maybe other rows carry no time: they keep their order';
      this.#sink.warn(row.line, reason, row.text);
    }
    const cpu = values.get('cpu') ?? '';
    const hasNumber = /^\d{1,5}$/.test(cpu);
    const place = { segment: 1, cpu: hasNumber ? Number(cpu) : null };
    if (cpu !== '' && !hasNumber) details.unshift(['cpu', cpu]);
    for (const field of ['comm', 'pid'] as const) {
      const value = values.get(field);
      if (value !== undefined) details.unshift([field, value]);
    }
    this.#sink.event({
      place,
      time: time === null ? null : clock(time),
      payload: this.#payload(kind === K.raw ? K.generic : kind, values, row),
      ...(dur === null ? {} : { dur: Number(dur) }),
      details: Object.fromEntries([['name', name], ...details]),
      line: row.line,
      text: row.text,
    });
  }

  #payload(kind: number, values: ReadonlyMap<CsvField, string>, row: Row): Payload {
    const columns: Record<string, bigint | number> = {};
    for (const field of ['frame', 'arg', 'bytes', 'n', 'status'] as const) {
      const value = values.get(field);
      if (value === undefined) continue;
      if (!NUMBER.test(value)) {
        this.#noNumber(field, value, row);
      } else {
        columns[field] =
          field === 'frame' || field === 'arg' ? BigInt.asUintN(64, BigInt(value)) : Number(value);
      }
    }
    return { kind, ...columns };
  }

  #noNumber(field: CsvField, value: string, { line, text }: Row): void {
    this.#sink.warn(line, `"${value.slice(0, 100)}" is not a number for "${field}"`, text);
  }
}
