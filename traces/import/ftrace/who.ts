/** Who was at work, and where: what stands before the time of a line. */
import { owned } from '../owned.ts';
import type { Author } from './threads.ts';

/** Lines that begin alike share one of these. */
export class Who {
  readonly comm: string;
  readonly pid: string;
  readonly tgid: string | null;
  /** Null where the line does not say. */
  readonly cpu: number | null;
  readonly flags: string;
  /** The guest that it happened in, and the segment of that guest. */
  readonly machine: string | undefined;
  readonly segment: number | undefined;
  /** What an importer has made of it. */
  author: Author | undefined;

  constructor(who: {
    readonly comm?: string;
    readonly pid?: string;
    readonly tgid?: string | null;
    readonly cpu?: number | null;
    readonly flags?: string;
    readonly machine?: string;
    readonly segment?: number;
  }) {
    this.comm = owned(who.comm ?? '');
    this.pid = owned(who.pid ?? '');
    this.tgid = who.tgid ?? null;
    this.cpu = who.cpu ?? null;
    this.flags = who.flags ?? '';
    this.machine = who.machine;
    this.segment = who.segment;
    this.author = undefined;
  }
}
