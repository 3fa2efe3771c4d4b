import { exists } from '../base/assert.ts';
import type { StrategyId } from '../contract/ids.ts';
import { argo } from './argo.ts';
import { grantCopy } from './grant-copy.ts';
import { bfnReserved } from './bfn-reserved.ts';
import { gfnLookup } from './gfn-lookup.ts';
import { gfnMapRefcount } from './gfn-map-refcount.ts';
import { grantCopyOffload } from './grant-copy-offload.ts';
import { grantDeviceMap } from './grant-device-map.ts';
import { grantLight } from './grant-light.ts';
import { grantMap } from './grant-map.ts';
import { iommuLazy } from './iommu-lazy.ts';
import { iommuPassthrough } from './iommu-passthrough.ts';
import { iommuStrict } from './iommu-strict.ts';
import { grantPersistent } from './grant-persistent.ts';
import { mapAllMemory } from './map-all-memory.ts';
import { presharedBackend } from './preshared-backend.ts';
import { presharedFrontend } from './preshared-frontend.ts';
import { roIdentityTx } from './ro-identity-tx.ts';
import { singleFifo } from './single-fifo.ts';
import { swiotlbBounce } from './swiotlb-bounce.ts';
import type { Strategy } from './types.ts';
import { virtioGrant } from './virtio-grant.ts';
import { viommuDeferred } from './viommu-deferred.ts';
import { viommuStrict } from './viommu-strict.ts';

export type { Carrier, GttMapper, Strategy, Transfer } from './types.ts';

/** Every strategy of this version. A new one is a file and a line here. */
export const STRATEGIES: readonly Strategy[] = [
  grantMap,
  grantCopy,
  grantPersistent,
  grantLight,
  grantCopyOffload,
  grantDeviceMap,
  virtioGrant,
  mapAllMemory,
  gfnLookup,
  gfnMapRefcount,
  bfnReserved,
  swiotlbBounce,
  singleFifo,
  argo,
  presharedFrontend,
  presharedBackend,
  viommuStrict,
  viommuDeferred,
  roIdentityTx,
  iommuPassthrough,
  iommuStrict,
  iommuLazy,
];

/** The strategy with this id. */
export function strategyOf(id: StrategyId): Strategy {
  return exists(
    STRATEGIES.find((each) => each.id === id),
    'every id has a strategy',
  );
}
