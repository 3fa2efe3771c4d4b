/** What an emptied array may keep of its room, in items. */
const KEPT = 4096;

/** First in, first out, in constant time: an array that is emptied from its front. */
export class Fifo<Item> {
  #items: (Item | undefined)[] = [];
  #head = 0;
  /** Where the next item goes. What lies behind is room that is used again. */
  #end = 0;

  get length(): number {
    return this.#end - this.#head;
  }

  push(item: Item): void {
    this.#items[this.#end++] = item;
  }

  /** The oldest item, left where it is. */
  get first(): Item | undefined {
    return this.#items[this.#head];
  }

  /** Up to `count` of the oldest items, left where they are. */
  peek(count: number): Item[] {
    return this.#items.slice(this.#head, Math.min(this.#end, this.#head + count)) as Item[];
  }

  /** Takes the oldest item, or undefined when there is none. */
  shift(): Item | undefined {
    if (this.#head === this.#end) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head++] = undefined;
    if (this.#head === this.#end) {
      if (this.#end > KEPT) this.#items = [];
      this.#head = 0;
      this.#end = 0;
    } else if (this.#head >= 1024 && this.#head * 2 >= this.#end) {
      this.#items = this.#items.slice(this.#head, this.#end);
      this.#end -= this.#head;
      this.#head = 0;
    }
    return item;
  }

  /** Takes up to `count` of the oldest items. */
  take(count: number): Item[] {
    const taken: Item[] = [];
    for (let left = Math.min(count, this.length); left > 0; left--) {
      taken.push(this.shift() as Item);
    }
    return taken;
  }
}
