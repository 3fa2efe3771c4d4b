/** Small multiples: the same chart for each value of an axis. */
import { LabError } from '../../contract/errors.ts';
import { axisOf, sortValues, valueText } from '../chart/grouping.ts';
import type { Look, PanelsModel, Single } from '../chart/model.ts';
import type { ChartRow } from '../chart/rows.ts';
import { badChart } from '../chart/spec.ts';
import { axisName, type Made } from './common.ts';

/** More charts than this are not small but tiny. */
const PANELS_MAX = 24;
/** Answers that are told; the others are there to be seen. */
const TOLD = 4;

/**
 * @param make one chart of some of the rows; where it cannot, the panel is left out and its reason told
 * @throws LabError BAD_CHART when no panel can be drawn
 */
export function panelled(
  axis: string,
  rows: readonly ChartRow[],
  make: (rows: readonly ChartRow[]) => Made,
): { readonly drawn: PanelsModel; readonly sentence: string; readonly notes: readonly string[] } {
  const values = sortValues(
    axis,
    rows.map((row) => axisOf(row, axis)),
  );
  if (values.length > PANELS_MAX) {
    throw badChart(
      `${axis} has ${values.length} values, and ${PANELS_MAX} small charts are the most`,
      'panels',
      'choose some of its values in "where"',
    );
  }
  const made: (Made & { readonly name: string })[] = [];
  const refused: { readonly name: string; readonly error: LabError }[] = [];
  for (const value of values) {
    const name = axis === 'run' ? String(value) : valueText(axis, value);
    try {
      made.push({ name, ...make(rows.filter((row) => axisOf(row, axis) === value)) });
    } catch (error) {
      if (!(error instanceof LabError) || error.data.code !== 'BAD_CHART') throw error;
      refused.push({ name, error });
    }
  }
  const [first] = refused;
  if (made.length === 0 && first !== undefined) throw first.error;
  const told = made.slice(0, TOLD).map(({ name, sentence }) => `${name}: ${sentence}`);
  const more = made.length - told.length;
  return {
    drawn: {
      shape: 'panels',
      by: axisName(axis),
      panels: alike(made.map(({ name, drawn }) => ({ name, drawn }))),
    },
    sentence: `${told.join(' ')}${more > 0 ? ` ${more} more are drawn.` : ''}`,
    notes: [
      ...new Set(made.flatMap(({ notes }) => notes)),
      ...refused.map(({ name, error }) => `Without ${name}: ${error.data.what}.`),
    ],
  };
}

/** A series has one look in all panels, and runs without exposure one place on the axis. */
function alike(panels: PanelsModel['panels']): PanelsModel['panels'] {
  const looks = new Map<string, Set<string>>();
  for (const { drawn } of panels) {
    for (const { name, look } of seriesOf(drawn)) {
      looks.set(name, (looks.get(name) ?? new Set()).add(JSON.stringify(look)));
    }
  }
  const names = [...looks.keys()];
  // Looks that go by order, or that differ from panel to panel, are given out once for all of them.
  const inOrder =
    [...looks.values()].some((each) => each.size > 1) ||
    panels.some(({ drawn }) => seriesOf(drawn).some(({ look }) => look.kind === 'ordinal'));
  const look = (each: { readonly name: string; readonly look: Look }): Look =>
    inOrder ? { kind: 'ordinal', index: names.indexOf(each.name) } : each.look;
  const zeros = panels.flatMap(({ drawn }) =>
    drawn.shape === 'scatter' && drawn.zeroAt !== null ? [drawn.zeroAt] : [],
  );
  const of = (drawn: Single): Single => {
    switch (drawn.shape) {
      case 'bars':
        return { ...drawn, series: drawn.series.map((each) => ({ ...each, look: look(each) })) };
      case 'curves':
        return { ...drawn, series: drawn.series.map((each) => ({ ...each, look: look(each) })) };
      case 'scatter':
        return { ...drawn, zeroAt: zeros.length === 0 ? null : Math.min(...zeros) };
      case 'heat':
        return drawn;
    }
  };
  return panels.map(({ name, drawn }) => ({ name, drawn: of(drawn) }));
}

const seriesOf = (drawn: Single): readonly { readonly name: string; readonly look: Look }[] =>
  drawn.shape === 'bars' || drawn.shape === 'curves' ? drawn.series : [];
