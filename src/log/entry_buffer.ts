const INITIAL_ENTRIES = 16;
const EMPTY = Buffer.alloc(0);

/** Entries of one size in a buffer that grows: the memory of an index. */
export class EntryBuffer {
  readonly #entryBytes: number;
  #bytes: Buffer;
  #count: number;

  constructor(entryBytes: number) {
    this.#entryBytes = entryBytes;
    this.#bytes = EMPTY;
    this.#count = 0;
  }

  /** Takes over `content`, a whole number of entries. */
  static over(entryBytes: number, content: Buffer): EntryBuffer {
    const made = new EntryBuffer(entryBytes);
    made.#bytes = content;
    made.#count = content.length / entryBytes;
    return made;
  }

  get count(): number {
    return this.#count;
  }

  /** The entries; what is behind the last one means nothing. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  get capacityBytes(): number {
    return this.#bytes.length;
  }

  /** Makes room for one more entry and counts it; the caller fills it. */
  extend(): { readonly bytes: Buffer; readonly at: number } {
    const at = this.#count * this.#entryBytes;
    if (at + this.#entryBytes > this.#bytes.length) {
      const grown = Buffer.alloc(Math.max(INITIAL_ENTRIES * this.#entryBytes, this.#bytes.length * 2));
      this.#bytes.copy(grown, 0, 0, at);
      this.#bytes = grown;
    }
    this.#count++;
    return { bytes: this.#bytes, at };
  }

  /** Keeps the first `count` entries. */
  truncate(count: number): void {
    this.#count = Math.min(this.#count, count);
  }

  /** A copy of the entries from `from` on. */
  content(from: number): Buffer {
    return Buffer.from(this.#bytes.subarray(from * this.#entryBytes, this.#count * this.#entryBytes));
  }

  /** The last entry for which `isNotAbove` holds, which holds for all before it; -1 when it holds for none. */
  floor(isNotAbove: (entry: number) => boolean): number {
    let low = -1;
    let high = this.#count - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (isNotAbove(middle)) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
