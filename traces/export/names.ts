/** Where columns and details of an event stand side by side, a detail yields its name. */
import { labelOf } from './provenance.ts';

const PREFIX = 'field.';
const COLUMNS = ['event', 'request', 'bytes', 'n', 'status', 'frame', 'arg', 'ts_ps', 'dur_ps'];

interface Labels {
  readonly frame: string | null;
  readonly arg: string | null;
}
const known = new WeakMap<Labels, ReadonlySet<string>>();

/** Names that columns of events of a kind have in an export, whether or not they hold something. */
export function columnNames(kind: Labels): ReadonlySet<string> {
  const found = known.get(kind);
  if (found !== undefined) return found;
  const names = new Set([...COLUMNS, labelOf(kind.frame, 'frame'), labelOf(kind.arg, 'arg')]);
  known.set(kind, names);
  return names;
}

const bare = (name: string) => name.replace(/^(?:field\.)+/, '');

/** What a detail is called in an export: prefixed where a column has its name. */
export function exportedName(detail: string, columns: ReadonlySet<string>): string {
  return columns.has(bare(detail)) ? PREFIX + detail : detail;
}

/** What a detail was called before it was exported. */
export function originalName(exported: string, columns: ReadonlySet<string>): string {
  const prefixed = exported.startsWith(PREFIX) && columns.has(bare(exported));
  return prefixed ? exported.slice(PREFIX.length) : exported;
}
