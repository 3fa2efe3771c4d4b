/** Fields of faults and adversaries that a scenario may ask for. */
import * as v from 'valibot';
import { choice, flag, whole } from './spec.ts';

const at = (what: string) =>
  whole({
    def: 0,
    min: 0,
    max: 1_000_000_000,
    unit: 'us',
    doc: `${what}; 0 for never.`,
  });

export const faults = v.optional(
  v.strictObject({
    balloonPerSecond: whole({
      def: 0,
      min: 0,
      max: 1_000_000,
      unit: 'pages/s',
      doc: 'Pages that the guest gives back while I/O goes on, some of them in use; another domain is given them at once.',
    }),
    rogueDevice: flag(
      false,
      'The device also accesses frames that it was not told of, stale addresses above all.',
    ),
    rogueBackend: flag(
      false,
      'The backend changes payload of the guest that it can reach, after it was checked.',
    ),
    rogueFrontend: flag(
      false,
      'The frontend rewrites its payload while the other side works on it.',
    ),
    peer: choice(
      ['healthy', 'slow', 'dead'],
      'healthy',
      'The side that answers: as fast as it can, a hundred times slower, or not at all after the tenth part of the run.',
    ),
    guestCrashUs: at('When the guest crashes'),
    backendCrashUs: at('When the backend or emulator crashes and is cleaned up'),
    memoryPressureUs: at('From when on the backend finds half of its memory gone'),
    hotplugUs: at('When memory is added to the guest'),
    hotplugMiB: whole({
      def: 256,
      min: 1,
      max: 16_384,
      unit: 'MiB',
      doc: 'Memory that is added then.',
    }),
    migrationUs: at('When live migration begins'),
  }),
  {},
);

export const dirtyTracking = choice(
  ['off', 'naive', 'exact'],
  'off',
  'Dirty pages for live migration, told from IOMMU maps and invalidations: off; naive: every page invalidated; exact: pages that were writable for the device.',
);
