/** `block:*`, Linux `include/trace/events/block.h`. */
import { K } from '../../../core/contract/kinds.ts';
import { groups, number, size, type Payload, type PayloadParser } from './payload.ts';

const SECTOR_BYTES = 512n;
const DEVICE = '^(?<dev>\\d+,\\d+) (?<rwbs>\\S+)';
// The class, hint and level of its priority came with Linux 6.11; the size is not there when it completes.
const RQ = new RegExp(
  `${DEVICE} (?:(?<bytes>\\d+) )?\\((?<cmd>.*?)\\) (?<sector>\\d+) \\+ (?<sectors>\\d+)(?: (?<ioprio>\\S*,\\d+,\\d+))? \\[(?<who>.*)\\]\\s*$`,
);
const BIO = new RegExp(
  `${DEVICE} (?<sector>\\d+) (?:\\+ (?<sectors>\\d+)|/ (?<split>\\d+)) \\[(?<who>.*)\\]\\s*$`,
);

/** Linux `blk_fill_rwbs`: a flush before it, then what it does. */
function isRead(rwbs: string): boolean {
  return /^F?R/.test(rwbs);
}

function rq(columns: (fields: Record<string, string>) => Omit<Payload, 'fields'>): PayloadParser {
  return (message) => {
    const match = RQ.exec(message);
    if (match === null) return null;
    const fields = groups(match);
    return { ...columns(fields), fields };
  };
}

const whole = (text: string | undefined) => number(text ?? '0');
const sized = (f: Record<string, string>) => size(whole(f['sectors']) * SECTOR_BYTES);

const issue = rq((f) => ({
  kind: K.recIssue,
  arg: whole(f['sector']),
  ...(f['bytes'] === undefined || f['bytes'] === '0' ? sized(f) : size(whole(f['bytes']))),
  status: isRead(f['rwbs'] ?? '') ? 0 : 1,
}));
const complete = rq((f) => ({
  kind: K.recComplete,
  arg: whole(f['sector']),
  ...sized(f),
  ...(/^-?\d{1,9}$/.test(f['who'] ?? '') ? { status: Number(f['who']) } : {}),
}));
const told = rq(() => ({ kind: K.generic }));

function bio(message: string): Payload | null {
  const match = BIO.exec(message);
  return match === null ? null : { kind: K.generic, fields: groups(match) };
}

export const BLOCK_EVENTS: Readonly<Record<string, PayloadParser>> = {
  block_rq_issue: issue,
  block_rq_complete: complete,
  block_rq_insert: told,
  block_rq_merge: told,
  block_rq_error: told,
  block_rq_requeue: told,
  block_bio_queue: bio,
  block_bio_complete: bio,
  block_bio_backmerge: bio,
  block_bio_frontmerge: bio,
  block_getrq: bio,
  block_split: bio,
};
