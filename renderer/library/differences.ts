/** In what two scenarios differ. */

/** Paths of the fields whose values differ, in the order of the first. */
export function differences(a: unknown, b: unknown, path = ''): readonly string[] {
  if (Object.is(a, b)) return [];
  if (!isObject(a) || !isObject(b)) return [path];
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return names.flatMap((name) =>
    differences(a[name], b[name], path === '' ? name : `${path}.${name}`),
  );
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/** `a`, `a and b`, `a, b and 3 more`. */
export function listed(words: readonly string[], limit = 4): string {
  if (words.length > limit) {
    return `${words.slice(0, limit).join(', ')} and ${words.length - limit} more`;
  }
  return words.length < 2
    ? words.join('')
    : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
}
