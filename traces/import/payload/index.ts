/** Every event whose message is understood, by the name that the trace gives it. */
import { K } from '../../../core/contract/kinds.ts';
import { BLOCK_EVENTS } from './block.ts';
import { DMA_EVENTS } from './dma.ts';
import { INTEL_EVENTS } from './intel.ts';
import { IOMMU_EVENTS } from './iommu.ts';
import { KVM_EVENTS } from './kvm.ts';
import { keyValues, type Payload, type PayloadParser } from './payload.ts';

const PARSERS = new Map<string, PayloadParser>(
  [IOMMU_EVENTS, INTEL_EVENTS, DMA_EVENTS, KVM_EVENTS, BLOCK_EVENTS].flatMap((each) =>
    Object.entries(each),
  ),
);

/** Is this an event whose form is known? */
export function isKnown(event: string): boolean {
  return PARSERS.has(event);
}

/** Reads the message of a known event; null when the event or its form is unknown. */
export function parseKnown(event: string, message: string): Payload | null {
  return PARSERS.get(event)?.(message) ?? null;
}

/** Reads any message: its key=value fields where it has some, else it stays text. */
export function parseAny(message: string): Payload {
  const fields = keyValues(message);
  return Object.keys(fields).length > 0 ? { kind: K.generic, fields } : { kind: K.raw };
}

export { fieldsOf, type Payload } from './payload.ts';
