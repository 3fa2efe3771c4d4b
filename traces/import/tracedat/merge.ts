/** Streams that are each in order of time, as one. */

interface Head<T> {
  readonly stream: Iterator<T>;
  readonly index: number;
  value: T;
  time: number | bigint;
}

/**
 * Ties go to the earlier stream. `time` of a stream's items should not decrease. A stream may give the
 * same object again and again: it is asked for the next item after the one before has been taken.
 */
export function* merged<T>(
  streams: readonly Iterator<T>[],
  time: (item: T) => number | bigint,
): Generator<T> {
  const heap: Head<T>[] = [];
  const before = (a: Head<T>, b: Head<T>) =>
    a.time < b.time || (a.time === b.time && a.index < b.index);
  const sink = (from: number) => {
    for (let at = from; ;) {
      let least = at;
      for (let child = 2 * at + 1; child <= 2 * at + 2; child++) {
        const a = heap[child];
        const b = heap[least];
        if (a !== undefined && b !== undefined && before(a, b)) least = child;
      }
      const a = heap[at];
      const b = heap[least];
      if (least === at || a === undefined || b === undefined) return;
      heap[at] = b;
      heap[least] = a;
      at = least;
    }
  };
  streams.forEach((stream, index) => {
    const first = stream.next();
    if (first.done !== true) {
      heap.push({ stream, index, value: first.value, time: time(first.value) });
    }
  });
  for (let at = heap.length >> 1; at >= 0; at--) sink(at);
  for (let head = heap[0]; head !== undefined; head = heap[0]) {
    yield head.value;
    const following = head.stream.next();
    if (following.done === true) {
      const last = heap.pop();
      if (last !== undefined && heap.length > 0) heap[0] = last;
    } else {
      head.value = following.value;
      head.time = time(following.value);
    }
    sink(0);
  }
}
