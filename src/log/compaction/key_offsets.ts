import { assert } from '../../model/assert.ts';
import { asOffset, type Offset } from '../../model/ids.ts';
import { SipHash } from './sip_hash.ts';

/** Four words of a hash, and an offset. */
const SLOT_BYTES = 24;
const FIRST_SLOTS = 1024;
/** How much of the table may be taken until it grows, or is full. */
const MAX_LOAD = 0.75;

export interface KeyOffsetsOptions {
  /** No offset is below. */
  readonly base: Offset;
  /** What the table may take. */
  readonly maxBytes: number;
  /** Of the hash. */
  readonly secret: Uint8Array;
}

/**
 * The latest offset of each key, for as many keys as there is memory for. A key is known by its hash of 128 bits: as in
 * Kafka, two keys of one hash would count as one.
 */
export class KeyOffsets {
  readonly #base: Offset;
  readonly #hash: SipHash;
  readonly #maxSlots: number;
  /** A power of two. */
  #slots: number;
  #hashes: Int32Array;
  /** By slot: how far the offset is above the base, and one more; 0 is a slot that is free. */
  #offsets: Float64Array;
  #size = 0;

  constructor({ base, maxBytes, secret }: KeyOffsetsOptions) {
    this.#base = base;
    this.#hash = new SipHash(secret);
    this.#maxSlots = 2 ** Math.floor(Math.log2(Math.max(2, maxBytes / SLOT_BYTES)));
    this.#slots = Math.min(FIRST_SLOTS, this.#maxSlots);
    this.#hashes = new Int32Array(4 * this.#slots);
    this.#offsets = new Float64Array(this.#slots);
  }

  /** How many keys it has. */
  get size(): number {
    return this.#size;
  }

  /** Whether it takes no more keys. */
  get isFull(): boolean {
    return this.#size >= this.#maxSlots * MAX_LOAD;
  }

  /** Notes a later offset of a key than any before; the table must not be {@link isFull}. */
  set(key: Uint8Array, offset: Offset): void {
    assert(!this.isFull, 'a key is added to a table that is full');
    if (this.#size >= this.#slots * MAX_LOAD) this.#grow();
    this.#hash.hash(key);
    const { words } = this.#hash;
    const slot = this.#slotOf(words[0]!, words[1]!, words[2]!, words[3]!);
    if (this.#offsets[slot] === 0) {
      this.#size++;
      this.#hashes.set(words, 4 * slot);
    }
    this.#offsets[slot] = Number(offset - this.#base) + 1;
  }

  /** The latest offset of a key; undefined for one that it does not have. */
  get(key: Uint8Array): Offset | undefined {
    this.#hash.hash(key);
    const { words } = this.#hash;
    const stored = this.#offsets[this.#slotOf(words[0]!, words[1]!, words[2]!, words[3]!)]!;
    return stored === 0 ? undefined : asOffset(this.#base + BigInt(stored - 1));
  }

  /** The slot that has the hash, or the free one where it belongs. */
  #slotOf(word0: number, word1: number, word2: number, word3: number): number {
    const hashes = this.#hashes;
    const mask = this.#slots - 1;
    for (let slot = word0 & mask; ; slot = (slot + 1) & mask) {
      if (this.#offsets[slot] === 0) return slot;
      const at = 4 * slot;
      if (
        hashes[at] === word0 &&
        hashes[at + 1] === word1 &&
        hashes[at + 2] === word2 &&
        hashes[at + 3] === word3
      ) {
        return slot;
      }
    }
  }

  #grow(): void {
    const hashes = this.#hashes;
    const offsets = this.#offsets;
    this.#slots = Math.min(2 * this.#slots, this.#maxSlots);
    this.#hashes = new Int32Array(4 * this.#slots);
    this.#offsets = new Float64Array(this.#slots);
    for (let slot = 0; slot < offsets.length; slot++) {
      if (offsets[slot] === 0) continue;
      const at = 4 * slot;
      const to = this.#slotOf(hashes[at]!, hashes[at + 1]!, hashes[at + 2]!, hashes[at + 3]!);
      this.#hashes.set(hashes.subarray(at, at + 4), 4 * to);
      this.#offsets[to] = offsets[slot]!;
    }
  }
}
