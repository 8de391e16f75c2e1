import type { Distribution } from './fse.ts';

/*
 * The codes of a sequence (RFC 8878, section 3.1.1.3.2): a length or an offset is a code, which says where its range
 * begins, and bits that are added to that.
 */

const SMALL_VALUES = 256;

/** Where the ranges of a field's codes begin, and how many bits are added. */
export interface CodeTable {
  readonly bases: readonly number[];
  readonly bits: readonly number[];
  /** The codes of the smallest values, which are most of them. */
  readonly small: Uint8Array;
  readonly maxAccuracy: number;
  readonly maxSymbol: number;
  /** The distribution where a block brings none. */
  readonly predefined: Distribution;
}

function codeTable(
  base: number,
  bits: readonly number[],
  rest: Pick<CodeTable, 'maxAccuracy' | 'predefined'>,
): CodeTable {
  const bases: number[] = [];
  let next = base;
  for (const count of bits) {
    bases.push(next);
    next += 2 ** count;
  }
  const small = new Uint8Array(SMALL_VALUES);
  for (let value = base; value < SMALL_VALUES; value++) small[value] = searchCode(bases, value);
  return { bases, bits, small, maxSymbol: bits.length - 1, ...rest };
}

/** The code of a value: the largest whose range begins at it or below. */
export function codeOf({ bases, small }: CodeTable, value: number): number {
  return value < SMALL_VALUES ? small[value]! : searchCode(bases, value);
}

function searchCode(bases: readonly number[], value: number): number {
  let low = 0;
  let high = bases.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (bases[middle]! <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}

const repeat = (count: number, value: number): number[] => new Array<number>(count).fill(value);

export const LITERAL_LENGTHS: CodeTable = codeTable(
  0,
  [...repeat(16, 0), 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
  {
    maxAccuracy: 9,
    predefined: {
      accuracy: 6,
      // biome-ignore format: a row is ten codes
      shares: [
        4, 3, 2, 2, 2, 2, 2, 2, 2, 2,
        2, 2, 2, 1, 1, 1, 2, 2, 2, 2,
        2, 2, 2, 2, 2, 3, 2, 1, 1, 1,
        1, 1, -1, -1, -1, -1,
      ],
    },
  },
);

export const MATCH_LENGTHS: CodeTable = codeTable(
  3,
  [...repeat(32, 0), 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
  {
    maxAccuracy: 9,
    predefined: {
      accuracy: 6,
      shares: [1, 4, 3, 2, 2, 2, 2, 2, 2, ...repeat(37, 1), ...repeat(7, -1)],
    },
  },
);

/** The offset codes are their own number of bits. */
export const OFFSETS: CodeTable = codeTable(
  1,
  Array.from({ length: 32 }, (_, code) => code),
  {
    maxAccuracy: 8,
    predefined: {
      accuracy: 5,
      shares: [...repeat(6, 1), 2, 2, 2, ...repeat(15, 1), ...repeat(5, -1)],
    },
  },
);

/** The offsets that a frame begins with, for those that say that they are one of the last three. */
export const FIRST_OFFSETS: readonly [number, number, number] = [1, 4, 8];

export const MAX_BLOCK_BYTES = 1 << 17;
export const FRAME_MAGIC = 0xfd2fb528;
/** The sizes of the first three of four streams of literals. */
export const JUMP_BYTES = 6;
export const BlockType = { raw: 0, rle: 1, compressed: 2 } as const;
export const LiteralsType = { raw: 0, rle: 1, compressed: 2, treeless: 3 } as const;
export const TableMode = { predefined: 0, rle: 1, described: 2, repeat: 3 } as const;
