import fc from 'fast-check';

/** The same pseudo-random numbers each time, in [0, 1). */
export function seededFraction(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const fraction = seededFraction(1);
const bytesOf = (length: number, byte: () => number) => Buffer.from(Array.from({ length }, byte));
const words = ['foo', 'barbaz', 'q', 'lorem ', 'ipsum', 'dolor', 'ü€', '{"id":', '}\n'];

/** Bytes of each kind that compressors treat differently. */
export const SAMPLES: Readonly<Record<string, (length: number) => Buffer>> = {
  text: length =>
    Buffer.from(
      Array.from({ length }, () => words[Math.floor(fraction() ** 2 * words.length)]).join(''),
    ).subarray(0, length),
  random: length => bytesOf(length, () => Math.floor(fraction() * 256)),
  zeros: length => Buffer.alloc(length),
  skewed: length => bytesOf(length, () => 255 - Math.floor(fraction() ** 6 * 256)),
  'three symbols': length => bytesOf(length, () => 65 + Math.floor(fraction() * 3)),
};

/** Bytes that repeat themselves in parts. */
export const arbitraryBytes: fc.Arbitrary<Buffer> = fc
  .array(
    fc.tuple(
      fc.uint8Array({ maxLength: 70 }),
      fc.oneof(fc.constant(1), fc.nat(3), fc.constantFrom(50, 1000)),
    ),
    { maxLength: 12 },
  )
  .map(parts => Buffer.concat(parts.flatMap(([bytes, times]) => new Array<Uint8Array>(times).fill(bytes))));
