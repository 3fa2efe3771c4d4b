import { IOMMU } from './points/iommu.ts';
import { VIRTIO } from './points/virtio.ts';
import { XEN_BLOCK } from './points/xen-block.ts';
import { XEN_NET } from './points/xen-net.ts';
import { parsePoints } from './parse-points.ts';
import type { Point } from './point.ts';

export { parsePoints } from './parse-points.ts';
export { pointsJsonSchema, type Point } from './point.ts';
export { validate, type ScoredPoint, type Validation } from './validate.ts';

/** The points that ship with the lab. */
export const POINTS: readonly Point[] = parsePoints(
  { format: 1, points: [...XEN_NET, ...XEN_BLOCK, ...IOMMU, ...VIRTIO] },
  'shipped points',
);
