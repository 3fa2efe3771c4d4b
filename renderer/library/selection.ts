/** Which rows are chosen, as a click or a key with or without Shift and Ctrl leaves it. */

export interface Selection {
  readonly ids: ReadonlySet<string>;
  /** Where a range begins. */
  readonly anchor: string | null;
}

export const NOTHING: Selection = { ids: new Set(), anchor: null };

export const only = (id: string): Selection => ({ ids: new Set([id]), anchor: id });

export const all = (ids: readonly string[]): Selection => ({
  ids: new Set(ids),
  anchor: ids[0] ?? null,
});

/** Adds one or takes it away; a range then begins here. */
export function toggle({ ids }: Selection, id: string): Selection {
  const next = new Set(ids);
  if (!next.delete(id)) next.add(id);
  return { ids: next, anchor: id };
}

/** From the anchor to here, in the order in which they are listed; with `add` beside the others. */
export function rangeTo(
  { ids, anchor }: Selection,
  id: string,
  listed: readonly string[],
  add = false,
): Selection {
  const to = listed.indexOf(id);
  const from = anchor === null ? to : listed.indexOf(anchor);
  if (from < 0 || to < 0) return only(id);
  const range = listed.slice(Math.min(from, to), Math.max(from, to) + 1);
  return { ids: new Set(add ? [...ids, ...range] : range), anchor: anchor ?? id };
}
