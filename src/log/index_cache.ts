/** Memory for the indexes of closed segments, unless told otherwise. */
export const DEFAULT_INDEX_CACHE_BYTES = 16 * 1024 * 1024;

/** A place for one index in the {@link IndexCache}: empty, or with the index. */
export class IndexSlot<Index> {
  value: Index | undefined;
  sizeBytes = 0;
}

/** The indexes of closed segments that were used last, of all logs of a broker; bounded in bytes. */
export class IndexCache {
  readonly #limitBytes: number;
  /** The slots that are filled, the longest unused first. */
  readonly #slots = new Set<IndexSlot<unknown>>();
  #sizeBytes = 0;

  constructor(limitBytes = DEFAULT_INDEX_CACHE_BYTES) {
    this.#limitBytes = limitBytes;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** The index, if it is here. */
  get<Index>(slot: IndexSlot<Index>): Index | undefined {
    if (slot.value !== undefined) {
      this.#slots.delete(slot);
      this.#slots.add(slot);
    }
    return slot.value;
  }

  /** Fills a slot; others, or at once this one, are emptied for it. */
  put<Index>(slot: IndexSlot<Index>, index: Index, sizeBytes: number): void {
    this.drop(slot);
    slot.value = index;
    slot.sizeBytes = sizeBytes;
    this.#sizeBytes += sizeBytes;
    this.#slots.add(slot);
    for (const each of this.#slots) {
      if (this.#sizeBytes <= this.#limitBytes) return;
      this.drop(each);
    }
  }

  drop(slot: IndexSlot<unknown>): void {
    if (!this.#slots.delete(slot)) return;
    this.#sizeBytes -= slot.sizeBytes;
    slot.value = undefined;
    slot.sizeBytes = 0;
  }
}
