/** The details of an event: who, where and what, and the fields of its message. */
import { fieldsOf, type Payload } from '../payload/index.ts';
import { owned } from '../owned.ts';
import { memberName } from '../payload/form.ts';
import type { RecordedEvent } from '../recorded.ts';
import type { EventLine } from './line.ts';
import { member, type Author } from './threads.ts';

/** Names of events that are kept as JSON. */
const MAX_NAMES = 4096;
const MAX_NAME_CHARS = 256;

export class DetailsWriter {
  readonly #names = new Map<string, string>();

  /** As JSON where the fields of the message are, else as an object. */
  of(
    head: EventLine,
    frames: readonly string[],
    payload: Payload,
    author: Author,
  ): Pick<RecordedEvent, 'details' | 'facts'> {
    const { json } = payload;
    const { pid } = head.who;
    if (json === undefined || frames.length > 0 || head.sec === null || pid === '') {
      return { details: asObject(head, frames, payload, author), facts: undefined };
    }
    const { before, after } = author;
    const who = head.system === undefined ? before : before + member('system', head.system);
    return {
      details: this.#named(head.event) + who + after + json,
      facts: { name: head.event, pid },
    };
  }

  #named(event: string): string {
    let named = this.#names.get(event);
    if (named === undefined) {
      named = `{"name":${JSON.stringify(event)}`;
      const keep = this.#names.size < MAX_NAMES && event.length < MAX_NAME_CHARS;
      if (keep) this.#names.set(owned(event), named);
    }
    return named;
  }
}

function asObject(
  { who, event, system, sec }: EventLine,
  frames: readonly string[],
  payload: Payload,
  { comm }: Author,
): Record<string, string> {
  const details: Record<string, string> = { name: event };
  if (comm !== '') details['comm'] = comm;
  if (who.pid !== '') details['pid'] = who.pid;
  if (who.tgid !== null) details['tgid'] = who.tgid;
  if (system !== undefined) details['system'] = system;
  if (who.machine !== undefined) details['guest'] = who.machine;
  if (who.flags !== '') details['flags'] = who.flags;
  if (sec === null) details['time'] = 'not recorded';
  if (frames.length > 0) details['stack'] = frames.join('\n');
  const fields = fieldsOf(payload);
  // Among the own names is __proto__: assigned as it is, it would be no field.
  for (const key in fields) {
    details[memberName(key)] = fields[key] ?? '';
  }
  return details;
}
