import { Malformed } from '../../../protocol/malformed.ts';
import { BackwardBits, BitWriter, highestBit } from './bits.ts';
import { FseDecoder, FseEncoder, normalize, readDistribution, writeDistribution } from './fse.ts';

/*
 * The Huffman codes of a block's literals (RFC 8878, section 4.2). A code is told by the weights of its symbols: 0 for
 * one that is not there, else one more than the bits that the symbol's code is shorter than the longest. That of the
 * last symbol follows from the others, since the codes use up all there is.
 */

/** The longest code that is written, and read. */
const MAX_CODE_BITS = 11;
const MAX_SYMBOLS = 256;
/** The weights' table has 2^6 states at most. */
const WEIGHT_LIMITS = { maxAccuracy: 6, maxSymbol: 255 };
/** A first byte from here on tells how many weights follow in 4 bits each; below, how many bytes of coded ones. */
const DIRECT_WEIGHTS = 127;
const MAX_DIRECT_WEIGHTS = 128;

/** What the bits ahead decode to: a table with an entry for each value that the longest code may have. */
export interface HuffmanTable {
  readonly maxBits: number;
  readonly symbols: Uint8Array;
  /** How many of the bits belong to the code. */
  readonly bits: Uint8Array;
}

/**
 * Reads a description of a code from `bytes` at `position`.
 * @throws {Malformed}
 */
export function readHuffmanTable(
  bytes: Buffer,
  position: number,
): { readonly table: HuffmanTable; readonly end: number } {
  const first = bytes[position];
  if (first === undefined) throw new Malformed('a zstd block ends before its Huffman code');
  const start = position + 1;
  if (first < DIRECT_WEIGHTS + 1) {
    const end = start + first;
    if (end > bytes.length) throw new Malformed('a zstd block ends within its Huffman code');
    return { table: makeTable(readCodedWeights(bytes.subarray(start, end))), end };
  }
  const count = first - DIRECT_WEIGHTS;
  const end = start + ((count + 1) >>> 1);
  if (end > bytes.length) throw new Malformed('a zstd block ends within its Huffman code');
  const weights: number[] = [];
  for (let index = 0; index < count; index++) {
    const pair = bytes[start + (index >>> 1)]!;
    weights.push(index % 2 === 0 ? pair >>> 4 : pair & 15);
  }
  return { table: makeTable(weights), end };
}

/** Two states take turns; the bits end where one of them can't go on, and then the other gives the last weight. */
function readCodedWeights(bytes: Buffer): number[] {
  const distribution = readDistribution(bytes, 0, WEIGHT_LIMITS);
  const decoder = new FseDecoder(distribution);
  const bits = new BackwardBits(bytes.subarray(distribution.end));
  const weights: number[] = [];
  let state = bits.read(decoder.accuracy);
  let other = bits.read(decoder.accuracy);
  while (weights.length < MAX_SYMBOLS) {
    weights.push(decoder.symbols[state]!);
    if (decoder.bits[state]! > bits.left) {
      weights.push(decoder.symbols[other]!);
      return weights;
    }
    [state, other] = [other, decoder.next(state, bits)];
  }
  throw new Malformed('a zstd block has too many Huffman weights');
}

function makeTable(weights: number[]): HuffmanTable {
  let sum = 0;
  for (const weight of weights) {
    if (weight > MAX_CODE_BITS + 1) throw new Malformed(`a zstd Huffman weight of ${weight}`);
    if (weight > 0) sum += 1 << (weight - 1);
  }
  if (sum === 0 || weights.length >= MAX_SYMBOLS) throw new Malformed('a zstd Huffman code without symbols');
  const maxBits = highestBit(sum) + 1;
  const rest = (1 << maxBits) - sum;
  if (maxBits > MAX_CODE_BITS || (rest & (rest - 1)) !== 0) {
    throw new Malformed('a zstd Huffman code whose weights do not add up');
  }
  weights.push(highestBit(rest) + 1);
  if (!weights.includes(1)) throw new Malformed('a zstd Huffman code that is longer than it needs to be');
  const size = 1 << maxBits;
  const symbols = new Uint8Array(size);
  const bits = new Uint8Array(size);
  const starts = codeStarts(weights, maxBits);
  weights.forEach((weight, symbol) => {
    if (weight === 0) return;
    const start = starts[weight]!;
    const end = start + (1 << (weight - 1));
    symbols.fill(symbol, start, end);
    bits.fill(maxBits + 1 - weight, start, end);
    starts[weight] = end;
  });
  return { maxBits, symbols, bits };
}

/** Where the table entries of each weight begin: those of the smallest first. */
function codeStarts(weights: readonly number[], maxBits: number): number[] {
  const starts = new Array<number>(maxBits + 2).fill(0);
  for (const weight of weights) if (weight > 0) starts[weight + 1]! += 1 << (weight - 1);
  for (let weight = 1; weight < starts.length; weight++) starts[weight]! += starts[weight - 1]!;
  return starts;
}

/**
 * Decodes a stream that fills `output`.
 * @throws {Malformed} when it holds fewer or more symbols
 */
export function decodeHuffman(
  { maxBits, symbols, bits }: HuffmanTable,
  stream: Buffer,
  output: Buffer,
): void {
  const last = stream[stream.length - 1] ?? 0;
  if (last === 0) throw new Malformed('a zstd bitstream has no end');
  const mask = (1 << maxBits) - 1;
  let left = (stream.length - 1) * 8 + highestBit(last);
  for (let index = 0; index < output.length; index++) {
    const position = left - maxBits;
    let ahead: number;
    if (position >= 0) {
      const at = position >>> 3;
      ahead = ((stream[at]! | (stream[at + 1]! << 8) | (stream[at + 2]! << 16)) >>> (position & 7)) & mask;
    } else {
      ahead = ((stream[0]! | (stream[1]! << 8)) << -position) & mask;
    }
    output[index] = symbols[ahead]!;
    left -= bits[ahead]!;
  }
  if (left !== 0) throw new Malformed('a zstd Huffman stream does not end with its literals');
}

/** A code to write literals with. */
export class HuffmanEncoder {
  readonly #codes: Uint16Array;
  readonly #lengths: Uint8Array;
  /** How the code is told, for {@link readHuffmanTable}. */
  readonly description: Buffer;

  private constructor(codes: Uint16Array, lengths: Uint8Array, description: Buffer) {
    this.#codes = codes;
    this.#lengths = lengths;
    this.description = description;
  }

  /**
   * The best code for symbols that are there so many times.
   * @param counts of the 256 symbols, two of which at least are not 0
   * @returns undefined when the code can't be told
   */
  static for(counts: readonly number[]): HuffmanEncoder | undefined {
    const lengths = codeLengths(counts);
    const maxBits = Math.max(...lengths);
    const last = counts.findLastIndex(count => count > 0);
    const weights = Array.from(lengths.subarray(0, last + 1), length =>
      length === 0 ? 0 : maxBits + 1 - length,
    );
    const description = describe(weights.slice(0, last));
    if (description === undefined) return undefined;
    const codes = new Uint16Array(MAX_SYMBOLS);
    const starts = codeStarts(weights, maxBits);
    weights.forEach((weight, symbol) => {
      if (weight === 0) return;
      codes[symbol] = starts[weight]! >>> (weight - 1);
      starts[weight]! += 1 << (weight - 1);
    });
    return new HuffmanEncoder(codes, lengths, description);
  }

  /** Bytes that the counted symbols take, without the description, to within the rounding of each stream. */
  sizeBytes(counts: readonly number[]): number {
    let bits = 0;
    counts.forEach((count, symbol) => {
      bits += count * this.#lengths[symbol]!;
    });
    return Math.ceil(bits / 8);
  }

  /** Writes a stream at `position`; returns the position behind it. */
  encode(literals: Buffer, output: Buffer, position: number): number {
    const writer = new BitWriter(output, position);
    for (let index = literals.length - 1; index >= 0; index--) {
      const symbol = literals[index]!;
      writer.add(this.#codes[symbol]!, this.#lengths[symbol]!);
    }
    return writer.finishMarked();
  }
}

/**
 * The lengths of the codes that take the fewest bits, none above {@link MAX_CODE_BITS}: package-merge, where of the
 * cheapest `2 n - 2` things on the last of as many levels, each time that a symbol is among them is a bit of its code.
 */
function codeLengths(counts: readonly number[]): Uint8Array {
  const symbols = [...counts.keys()].filter(symbol => counts[symbol]! > 0);
  symbols.sort((left, right) => counts[left]! - counts[right]!);
  /** Of each level, whether its things are symbols, in the order of their cost; the others are pairs of the level below. */
  const levels: boolean[][] = [];
  let costs: number[] = [];
  for (let level = 0; level < MAX_CODE_BITS; level++) {
    const merged: number[] = [];
    const isSymbol: boolean[] = [];
    let symbol = 0;
    let pair = 0;
    while (symbol < symbols.length || pair + 1 < costs.length) {
      const pairCost = pair + 1 < costs.length ? costs[pair]! + costs[pair + 1]! : Number.POSITIVE_INFINITY;
      const symbolCost = symbol < symbols.length ? counts[symbols[symbol]!]! : Number.POSITIVE_INFINITY;
      const takesSymbol = symbolCost <= pairCost;
      merged.push(takesSymbol ? symbolCost : pairCost);
      isSymbol.push(takesSymbol);
      if (takesSymbol) symbol++;
      else pair += 2;
    }
    costs = merged;
    levels.push(isSymbol);
  }
  const lengths = new Uint8Array(MAX_SYMBOLS);
  let taken = 2 * symbols.length - 2;
  for (const isSymbol of levels.reverse()) {
    const symbolsTaken = isSymbol.slice(0, taken).filter(Boolean).length;
    for (const symbol of symbols.slice(0, symbolsTaken)) lengths[symbol]!++;
    taken = 2 * (taken - symbolsTaken);
  }
  return lengths;
}

/** The shorter way to tell the weights, all but the last; undefined when there is none. */
function describe(weights: readonly number[]): Buffer | undefined {
  const coded = describeCoded(weights);
  if (weights.length > MAX_DIRECT_WEIGHTS) return coded;
  const size = 1 + ((weights.length + 1) >>> 1);
  if (coded !== undefined && coded.length <= size) return coded;
  const direct = Buffer.alloc(size);
  direct[0] = DIRECT_WEIGHTS + weights.length;
  weights.forEach((weight, index) => {
    direct[1 + (index >>> 1)]! |= index % 2 === 0 ? weight << 4 : weight;
  });
  return direct;
}

function describeCoded(weights: readonly number[]): Buffer | undefined {
  const counts = new Array<number>(MAX_CODE_BITS + 2).fill(0);
  for (const weight of weights) counts[weight]!++;
  // A table of one symbol takes no bits: its stream would have no end.
  if (weights.length < 2 || counts.some(count => count === weights.length)) return undefined;
  const distribution = normalize(counts, WEIGHT_LIMITS.maxAccuracy);
  const output = Buffer.alloc(2 * MAX_SYMBOLS);
  const start = writeDistribution(distribution, new BitWriter(output, 1));
  const encoder = new FseEncoder(distribution);
  const writer = new BitWriter(output, start);
  // The reader begins with the state of the first weight; the one of the last was not written by a step.
  const states: [number, number] = [0, 0];
  const count = weights.length;
  states[(count - 1) % 2] = encoder.begin(weights[count - 1]!);
  states[count % 2] = encoder.begin(weights[count - 2]!);
  for (let index = count - 3; index >= 0; index--) {
    states[index % 2] = encoder.step(states[index % 2]!, weights[index]!, writer);
  }
  encoder.end(states[1], writer);
  encoder.end(states[0], writer);
  const length = writer.finishMarked() - 1;
  if (length > DIRECT_WEIGHTS) return undefined;
  output[0] = length;
  return output.subarray(0, length + 1);
}
