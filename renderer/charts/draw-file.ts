/** A chart drawn into a file by the lab, the same that `mapcopy chart` writes. */
import type { FigureFormat } from '../../core/contract/index.ts';
import type { ChartSpec } from '../../core/figures/chart/spec.ts';
import type { Lab } from '../app/lab.svelte.ts';
import { compact } from './link.ts';

/** @throws LabError */
export async function drawFile(
  lab: Lab,
  spec: ChartSpec,
  format: FigureFormat,
  scale: 1 | 2 | 4,
): Promise<Blob> {
  const asked = { spec: compact(spec), format, scale };
  const { base64, mime } = await lab.call('figure.draw', asked);
  const bytes = Uint8Array.from(atob(base64), (each) => each.charCodeAt(0));
  return new Blob([bytes], { type: mime });
}
