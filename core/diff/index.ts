/** Two traces compared. */
export { diff, type Sequences, type TraceDiff } from './diff.ts';
export type { Change } from './change.ts';
export type { DivergingEvent } from './pairs.ts';
export type { NoTest, RankTest } from './rank-test.ts';
export type { KindName, Provenance, SequenceEvent, Subject } from './subject.ts';
export { Digester, type EventDigest, type RequestColumns, type Row, type Track } from './digest.ts';
