/*
 * SipHash-2-4 with 128 bits (Aumasson and Bernstein): a hash whose collisions nobody finds who does not know its
 * secret. Keys of compacted topics are the clients' own, and two that collided would be taken for one.
 */

const ROUNDS = 2;
const FINAL_ROUNDS = 4;
export const SECRET_BYTES = 16;

/** Hashes with one secret; not more than one hash at a time. */
export class SipHash {
  readonly #secret: Int32Array;
  /** The last hash, in four words. */
  readonly words = new Int32Array(4);

  /** @param secret of {@link SECRET_BYTES} */
  constructor(secret: Uint8Array) {
    const view = new DataView(secret.buffer, secret.byteOffset, SECRET_BYTES);
    this.#secret = Int32Array.from([0, 4, 8, 12], at => view.getInt32(at, true));
  }

  /** Hashes the bytes into {@link words}. Numbers of 64 bits are pairs here, the low half first. */
  hash(bytes: Uint8Array): void {
    const [k0, k0h, k1, k1h] = this.#secret as unknown as [number, number, number, number];
    let v0 = k0 ^ 0x70736575;
    let v0h = k0h ^ 0x736f6d65;
    let v1 = k1 ^ 0x6e646f6d ^ 0xee;
    let v1h = k1h ^ 0x646f7261;
    let v2 = k0 ^ 0x6e657261;
    let v2h = k0h ^ 0x6c796765;
    let v3 = k1 ^ 0x79746573;
    let v3h = k1h ^ 0x74656462;
    const { length } = bytes;
    const wordCount = (length >>> 3) + 1;
    // Each word of the message is a step, and so are the two halves of the result.
    for (let step = 0; step < wordCount + 2; step++) {
      let word = 0;
      let wordHigh = 0;
      let rounds = ROUNDS;
      if (step < wordCount) {
        const at = step << 3;
        if (step < wordCount - 1) {
          word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
          wordHigh = bytes[at + 4]! | (bytes[at + 5]! << 8) | (bytes[at + 6]! << 16) | (bytes[at + 7]! << 24);
        } else {
          for (let rest = length - 1; rest >= at; rest--) {
            const shift = (rest - at) << 3;
            if (shift < 32) word |= bytes[rest]! << shift;
            else wordHigh |= bytes[rest]! << (shift - 32);
          }
          wordHigh |= length << 24;
        }
        v3 ^= word;
        v3h ^= wordHigh;
      } else {
        rounds = FINAL_ROUNDS;
        if (step === wordCount) v2 ^= 0xee;
        else v1 ^= 0xdd;
      }
      for (; rounds > 0; rounds--) {
        let sum = (v0 >>> 0) + (v1 >>> 0);
        let high = (v0h + v1h + (sum > 0xffffffff ? 1 : 0)) | 0;
        let low = sum | 0;
        let turned = (v1 << 13) | (v1h >>> 19);
        v1h = ((v1h << 13) | (v1 >>> 19)) ^ high;
        v1 = turned ^ low;
        v0 = high;
        v0h = low;

        sum = (v2 >>> 0) + (v3 >>> 0);
        v2h = (v2h + v3h + (sum > 0xffffffff ? 1 : 0)) | 0;
        v2 = sum | 0;
        turned = (v3 << 16) | (v3h >>> 16);
        v3h = ((v3h << 16) | (v3 >>> 16)) ^ v2h;
        v3 = turned ^ v2;

        sum = (v0 >>> 0) + (v3 >>> 0);
        v0h = (v0h + v3h + (sum > 0xffffffff ? 1 : 0)) | 0;
        v0 = sum | 0;
        turned = (v3 << 21) | (v3h >>> 11);
        v3h = ((v3h << 21) | (v3 >>> 11)) ^ v0h;
        v3 = turned ^ v0;

        sum = (v2 >>> 0) + (v1 >>> 0);
        high = (v2h + v1h + (sum > 0xffffffff ? 1 : 0)) | 0;
        low = sum | 0;
        turned = (v1 << 17) | (v1h >>> 15);
        v1h = ((v1h << 17) | (v1 >>> 15)) ^ high;
        v1 = turned ^ low;
        v2 = high;
        v2h = low;
      }
      if (step < wordCount) {
        v0 ^= word;
        v0h ^= wordHigh;
      } else {
        const half = (step - wordCount) << 1;
        this.words[half] = v0 ^ v1 ^ v2 ^ v3;
        this.words[half + 1] = v0h ^ v1h ^ v2h ^ v3h;
      }
    }
  }
}
