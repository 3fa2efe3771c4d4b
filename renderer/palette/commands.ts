/** Everything the palette can find. */
import type { LibraryEntry } from '../../core/contract/index.ts';
import type { Binding } from '../app/keys.svelte.ts';
import { match, type Match } from './fuzzy.ts';
import type { Topic } from './topics.ts';

export interface Command {
  readonly id: string;
  readonly group: string;
  readonly title: string;
  readonly detail: string;
  /** Keys that do the same. */
  readonly keys: string;
  readonly run: () => void;
}

export interface Found {
  readonly command: Command;
  readonly letters: readonly number[];
}

const HELD_MS = 150;

/** What keys do. A key that acts as long as it is held is held for a moment. */
export function fromBindings(bindings: readonly Binding[]): readonly Command[] {
  return bindings.map((binding) => ({
    id: `key ${binding.group} ${binding.key}`,
    group: binding.group,
    title: binding.label.charAt(0).toUpperCase() + binding.label.slice(1),
    detail: '',
    keys: binding.shown ?? binding.key.toUpperCase(),
    run: () => {
      binding.run(new KeyboardEvent('keydown', { key: binding.key }));
      if (binding.release !== undefined) setTimeout(binding.release, HELD_MS);
    },
  }));
}

export function fromTraces(
  entries: readonly LibraryEntry[],
  open: (trace: string) => void,
): readonly Command[] {
  return entries
    .filter((entry) => entry.problem === null)
    .map((entry) => ({
      id: `trace ${entry.id}`,
      group: 'Traces',
      title: entry.name,
      detail: [entry.strategy, entry.hypervisor, entry.soc]
        .filter((part) => part !== null)
        .join(', '),
      keys: '',
      run: () => open(entry.id),
    }));
}

export function fromTopics(
  group: string,
  topics: readonly Topic[],
  show: (topic: Topic) => void,
): readonly Command[] {
  return topics.map((topic) => ({
    id: `topic ${topic.id}`,
    group,
    title: topic.title,
    detail: topic.detail,
    keys: '',
    run: () => show(topic),
  }));
}

/** Of each group at most this many where nothing is typed. */
const AT_FIRST = 8;
const LIMIT = 80;

/**
 * The best answers first, together with others of their group, so that groups stand in one piece.
 * With nothing typed, what was used last comes first.
 */
export function find(
  commands: readonly Command[],
  typed: string,
  recent: readonly string[],
): readonly Found[] {
  if (typed.trim() === '') return atFirst(commands, recent);
  const found: { command: Command; score: number; letters: readonly number[] }[] = [];
  for (const command of commands) {
    const best = answer(typed, command);
    if (best === null) continue;
    const used = recent.indexOf(command.id);
    found.push({ command, score: best.score + (used < 0 ? 0 : 5 - used), letters: best.letters });
  }
  found.sort((a, b) => b.score - a.score || a.command.title.length - b.command.title.length);
  return [...Map.groupBy(found.slice(0, LIMIT), ({ command }) => command.group).values()].flat();
}

/** The title counts more than what stands beside it. */
function answer(typed: string, { title, detail, group }: Command): Match | null {
  const inTitle = match(typed, title);
  if (inTitle !== null) return inTitle;
  const anywhere = match(typed, `${title} ${detail} ${group}`, false);
  if (anywhere === null) return null;
  return {
    score: anywhere.score / 2,
    letters: anywhere.letters.filter((at) => at < title.length),
  };
}

function atFirst(commands: readonly Command[], recent: readonly string[]): readonly Found[] {
  const used = recent
    .map((id) => commands.find((command) => command.id === id))
    .filter((command) => command !== undefined)
    .map((command) => ({ ...command, group: 'Used last' }));
  const others = commands.filter(({ id }) => !recent.includes(id));
  return [...used, ...[...Map.groupBy(others, ({ group }) => group).values()].flatMap(firstOf)].map(
    (command) => ({ command, letters: [] }),
  );
}

const firstOf = (list: readonly Command[]) => list.slice(0, AT_FIRST);
