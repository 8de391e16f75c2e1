import type { SeededRandom } from '../../src/simulation/seeded_random.ts';

/** Bytes and words at which decoders go wrong: ends of ranges, endless varints, counts that nothing justifies. */
const NASTY_BYTES = [0x00, 0x01, 0x7f, 0x80, 0xfe, 0xff];
const NASTY_WORDS = [
  '7fffffff',
  '80000000',
  'ffffffff',
  '000f4241',
  '7fff',
  '8000',
  'ffff',
  'ffffffff0f',
  '80808080808080',
].map(hex => Buffer.from(hex, 'hex'));

type Mutation = (bytes: Buffer, random: SeededRandom) => Buffer;

const MUTATIONS: readonly Mutation[] = [
  changeBytes,
  (bytes, random) => overwrite(bytes, pick(NASTY_WORDS, random), random),
  (bytes, random) => insert(bytes, pick(NASTY_WORDS, random), random),
  (bytes, random) => insert(bytes, Buffer.from(random.bytes(1 + random.below(20))), random),
  removeRange,
  repeatRange,
  (bytes, random) => bytes.subarray(0, random.below(bytes.length + 1)),
  (bytes, random) => Buffer.from(random.bytes(random.below(2 * bytes.length + 8))),
];

/** A damaged copy of the bytes; the same for the same state of `random`. */
export function mutate(bytes: Buffer, random: SeededRandom): Buffer {
  let mutated = pick(MUTATIONS, random)(bytes, random);
  while (random.chance(0.3)) mutated = pick(MUTATIONS, random)(mutated, random);
  return mutated;
}

function pick<T>(all: readonly T[], random: SeededRandom): T {
  return all[random.below(all.length)]!;
}

function changeBytes(bytes: Buffer, random: SeededRandom): Buffer {
  const changed = Buffer.from(bytes);
  for (let count = 1 + random.below(4); count > 0 && changed.length > 0; count--) {
    changed[random.below(changed.length)] = random.chance(0.5)
      ? pick(NASTY_BYTES, random)
      : random.below(256);
  }
  return changed;
}

function overwrite(bytes: Buffer, word: Buffer, random: SeededRandom): Buffer {
  const changed = Buffer.from(bytes);
  word.copy(changed, random.below(bytes.length + 1));
  return changed;
}

function insert(bytes: Buffer, word: Buffer, random: SeededRandom): Buffer {
  const at = random.below(bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, at), word, bytes.subarray(at)]);
}

function removeRange(bytes: Buffer, random: SeededRandom): Buffer {
  const [start, end] = range(bytes, random);
  return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
}

function repeatRange(bytes: Buffer, random: SeededRandom): Buffer {
  const [start, end] = range(bytes, random);
  return Buffer.concat([bytes.subarray(0, end), bytes.subarray(start)]);
}

function range(bytes: Buffer, random: SeededRandom): [start: number, end: number] {
  const start = random.below(bytes.length + 1);
  return [start, Math.min(bytes.length, start + random.below(16))];
}
