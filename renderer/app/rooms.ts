/** The rooms that there are, in the order of the rail. A room's code is loaded when it is entered. */
import type { Component } from 'svelte';
import type { IconName } from '../parts/icons.ts';
import { ROOMS, type Room } from './route.ts';

export interface RoomEntry {
  readonly id: Room;
  readonly name: string;
  readonly icon: IconName;
  readonly load: () => Promise<{ readonly default: Component }>;
}

export const ROOM_LIST: readonly RoomEntry[] = [
  {
    id: 'library',
    name: 'Library',
    icon: 'library',
    load: () => import('../library/Library.svelte'),
  },
  {
    id: 'experiment',
    name: 'Experiment',
    icon: 'experiment',
    load: () => import('../experiment/Experiment.svelte'),
  },
  { id: 'replay', name: 'Replay', icon: 'replay', load: () => import('../replay/Replay.svelte') },
  { id: 'diff', name: 'Diff', icon: 'diff', load: () => import('../diff/Diff.svelte') },
  { id: 'charts', name: 'Charts', icon: 'charts', load: () => import('../charts/Charts.svelte') },
  { id: 'report', name: 'Report', icon: 'report', load: () => import('../report/Report.svelte') },
];

/** The key that leads to a room: its place among all six. */
export const keyOfRoom = (room: Room): string => String(ROOMS.indexOf(room) + 1);

/** What leads to a room that is not there is not shown. */
export const hasRoom = (room: Room): boolean => ROOM_LIST.some(({ id }) => id === room);
