import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SipHash } from '../../../src/log/compaction/sip_hash.ts';

/* From the authors' vectors: the secret is 00 01 … 0f, the message of length n is 00 01 … n-1. */
const VECTORS: readonly [number, string][] = [
  [0, 'a3817f04ba25a8e66df67214c7550293'],
  [1, 'da87c1d86b99af44347659119b22fc45'],
];

const counting = (length: number) => Uint8Array.from({ length }, (_, at) => at);

function hashOf(hash: SipHash, bytes: Uint8Array): string {
  hash.hash(bytes);
  const digest = Buffer.alloc(16);
  hash.words.forEach((word, at) => {
    digest.writeInt32LE(word, 4 * at);
  });
  return digest.toString('hex');
}

test('the hashes are those of SipHash-2-4 with 128 bits', () => {
  const hash = new SipHash(counting(16));
  for (const [length, expected] of VECTORS)
    assert.equal(hashOf(hash, counting(length)), expected, `${length}`);
});

test('every byte and the length count, and so does the secret', () => {
  const hash = new SipHash(counting(16));
  const seen = new Set<string>();
  for (let length = 0; length <= 40; length++) {
    const bytes = new Uint8Array(length);
    seen.add(hashOf(hash, bytes));
    for (let at = 0; at < length; at++) {
      bytes[at] = 0x80;
      seen.add(hashOf(hash, bytes));
      bytes[at] = 0;
    }
  }
  assert.equal(seen.size, 41 + (40 * 41) / 2);
  const other = new SipHash(counting(17).subarray(1));
  assert.notEqual(hashOf(other, counting(8)), hashOf(hash, counting(8)));
});

/** The same with numbers of 64 bits, as it is written down. */
function plainHash(secret: bigint[], bytes: Uint8Array): string {
  const mask = (1n << 64n) - 1n;
  const turn = (value: bigint, by: bigint) => ((value << by) | (value >> (64n - by))) & mask;
  let [v0, v1, v2, v3] = [
    secret[0]! ^ 0x736f6d6570736575n,
    secret[1]! ^ 0x646f72616e646f6dn ^ 0xeen,
    secret[0]! ^ 0x6c7967656e657261n,
    secret[1]! ^ 0x7465646279746573n,
  ] as [bigint, bigint, bigint, bigint];
  const rounds = (count: number) => {
    for (let round = 0; round < count; round++) {
      v0 = (v0 + v1) & mask;
      v1 = turn(v1, 13n) ^ v0;
      v0 = turn(v0, 32n);
      v2 = (v2 + v3) & mask;
      v3 = turn(v3, 16n) ^ v2;
      v0 = (v0 + v3) & mask;
      v3 = turn(v3, 21n) ^ v0;
      v2 = (v2 + v1) & mask;
      v1 = turn(v1, 17n) ^ v2;
      v2 = turn(v2, 32n);
    }
  };
  const padded = Buffer.alloc(8 * (Math.floor(bytes.length / 8) + 1));
  padded.set(bytes);
  padded[padded.length - 1] = bytes.length & 0xff;
  for (let at = 0; at < padded.length; at += 8) {
    const word = padded.readBigUInt64LE(at);
    v3 ^= word;
    rounds(2);
    v0 ^= word;
  }
  const result = Buffer.alloc(16);
  v2 ^= 0xeen;
  rounds(4);
  result.writeBigUInt64LE(v0 ^ v1 ^ v2 ^ v3, 0);
  v1 ^= 0xddn;
  rounds(4);
  result.writeBigUInt64LE(v0 ^ v1 ^ v2 ^ v3, 8);
  return result.toString('hex');
}

test('it is the same as the plain one, for random secrets and messages', () => {
  let state = 1;
  const byte = () => {
    state = (Math.imul(state, 1103515245) + 12345) | 0;
    return (state >>> 16) & 0xff;
  };
  for (let count = 0; count < 300; count++) {
    const secret = Buffer.from(Uint8Array.from({ length: 16 }, byte));
    const message = Uint8Array.from({ length: count % 67 }, byte);
    const words = [secret.readBigUInt64LE(0), secret.readBigUInt64LE(8)];
    assert.equal(hashOf(new SipHash(secret), message), plainHash(words, message));
  }
});
