/** Two traces compared. */
export type {
  Change,
  DivergingEvent,
  NoTest,
  Provenance,
  RankTest,
  TraceDiff,
} from '../contract/diff.ts';
export { payerMeans } from './components.ts';
export { baseName, sideNames, type SideName } from './names.ts';
export { pairUp } from './pairs.ts';
export { alignScenarios } from './scenarios.ts';
export { changeStrip } from './strip.ts';
export { diff, type Sequences } from './diff.ts';
export type { KindName, SequenceEvent, Subject } from './subject.ts';
export { Digester, type EventDigest, type RequestColumns, type Row, type Track } from './digest.ts';
