/** Names of files in the library: readable, portable, never taken twice. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Scenario } from '../../core/contract/index.ts';

export const TRACE_EXTENSION = '.mctrace';
/** The notes on a trace are in a file beside it. */
export const NOTES_SUFFIX = '.notes.json';

/** What people call a run that has no other name. */
export function nameOfRun(scenario: Scenario): string {
  return `${scenario.strategy} on ${scenario.hypervisor}, ${scenario.soc}, ${scenario.workload} ${scenario.payloadBytes} B`;
}

/** Letters, digits, dots and dashes of a name: safe on every file system and in every shell. */
export function slugOf(name: string): string {
  const slug = name
    .replace(/[^A-Za-z0-9.]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, 120);
  return slug === '' ? 'trace' : slug;
}

/** `2026-11-21T01:25:09Z` as `20261121-012509`. */
export function stampOf(date: Date): string {
  return date
    .toISOString()
    .replace(/\.\d+Z$/, '')
    .replace(/[-:]/g, '')
    .replace('T', '-');
}

/** A file in `folder` that neither exists nor is being recorded. */
export function freeFile(folder: string, slug: string, taken: ReadonlySet<string>): string {
  for (let number = 1; ; number++) {
    const base = number === 1 ? slug : `${slug}-${number}`;
    const file = path.join(folder, `${base}${TRACE_EXTENSION}`);
    if (!taken.has(file) && !existsSync(file) && !existsSync(`${file}.part`)) return file;
  }
}
