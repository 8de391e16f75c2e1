import { randomFillSync } from 'node:crypto';
import type { Random } from '../model/ports.ts';

/** Fetched from the system's generator at a time: a call costs more than the bytes. */
const POOL_BYTES = 4_096;

/** Unpredictable randomness of the system. */
export class NodeRandom implements Random {
  readonly #pool = Buffer.alloc(POOL_BYTES);
  /** The bytes before it are used up. */
  #position = POOL_BYTES;

  fraction(): number {
    const at = this.#take(8);
    // 53 bits, as many as a double holds.
    const high = this.#pool.readUInt32LE(at) >>> 5;
    const low = this.#pool.readUInt32LE(at + 4) >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  bytes(count: number): Uint8Array {
    if (count > POOL_BYTES) return randomFillSync(new Uint8Array(count));
    const at = this.#take(count);
    const bytes = new Uint8Array(count);
    bytes.set(this.#pool.subarray(at, at + count));
    // What was given out must not be found in memory here.
    this.#pool.fill(0, at, at + count);
    return bytes;
  }

  /** Where the next `count` bytes of the pool are. */
  #take(count: number): number {
    if (this.#position + count > POOL_BYTES) {
      randomFillSync(this.#pool);
      this.#position = 0;
    }
    const at = this.#position;
    this.#position += count;
    return at;
  }
}
