import { assert } from '../model/assert.ts';
import type { Random } from '../model/ports.ts';

/**
 * Random numbers that are the same for the same seed: sfc32 (Chris Doty-Humphrey's small fast chaotic generator,
 * 128 bits of state). For simulations and tests; predictable, so never for ids of a real node.
 */
export class SeededRandom implements Random {
  #a: number;
  #b: number;
  #c: number;
  #counter: number;

  /** @param seed any whole number; numbers next to each other give unrelated sequences */
  constructor(seed: number) {
    assert(Number.isSafeInteger(seed), `the seed ${seed} is no whole number`);
    this.#a = seed | 0;
    this.#b = Math.floor(seed / 2 ** 32) | 0;
    this.#c = 0x9e3779b9 | 0;
    this.#counter = 1;
    for (let round = 0; round < 16; round++) this.uint32();
  }

  /** Uniform in 0 … 2³²-1. */
  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    this.#c |= 0;
    return sum >>> 0;
  }

  fraction(): number {
    // 53 bits, as many as a double holds.
    const high = this.uint32() >>> 5;
    const low = this.uint32() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  bytes(count: number): Uint8Array {
    const bytes = new Uint8Array(count);
    let word = 0;
    for (let index = 0; index < count; index++) {
      word = index % 4 === 0 ? this.uint32() : word >>> 8;
      bytes[index] = word;
    }
    return bytes;
  }

  /** Uniform in 0 … `limit` - 1. */
  below(limit: number): number {
    assert(limit >= 1, `a random number below ${limit}`);
    return Math.floor(this.fraction() * limit);
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  /** Another generator, whose sequence does not depend on how much is drawn from this one afterwards. */
  fork(): SeededRandom {
    return new SeededRandom(this.uint32() * 2 ** 21 + (this.uint32() >>> 11));
  }
}
