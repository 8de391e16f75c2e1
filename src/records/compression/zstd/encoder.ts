import { copyBytes } from '../copy_bytes.ts';
import { hash4, isSame4, makeHashTable, matchLength } from '../match_finder.ts';
import { BitWriter } from './bits.ts';
import {
  BlockType,
  type CodeTable,
  codeOf,
  FIRST_OFFSETS,
  FRAME_MAGIC,
  JUMP_BYTES,
  LITERAL_LENGTHS,
  LiteralsType,
  MATCH_LENGTHS,
  MAX_BLOCK_BYTES,
  OFFSETS,
  TableMode,
} from './codes.ts';
import {
  costInBits,
  type Distribution,
  FseEncoder,
  normalize,
  singleSymbol,
  writeDistribution,
} from './fse.ts';
import { HuffmanEncoder } from './huffman.ts';

/*
 * A compressor for Zstandard (RFC 8878) in JavaScript, for a Node without it: one pass with a hash table as zstd's fast
 * levels make it, entropy coding as all levels have it. It has no levels of its own.
 */

/** Nothing is matched in the last bytes, which could not be compared four at a time. */
const TAIL_BYTES = 8;
/** Bytes that are skipped after so many without a match, in powers of two. */
const SKIP_SHIFT = 7;
/** Fewer literals are not worth a Huffman code. */
const MIN_HUFFMAN_LITERALS = 32;
/** From here on literals go into four streams. */
const FOUR_STREAMS_LITERALS = 256;
/** What a block may take at most beside its literals and sequences: sizes, tables, padding. */
const BLOCK_SLACK_BYTES = 1024;
/** What a sequence may take at most: three states of 9 bits, two lengths of 16 and an offset of 31. */
const MAX_SEQUENCE_BYTES = 12;
/** What a symbol's share takes in the description of a distribution, about. */
const DESCRIPTION_BITS = 5;

/** Compresses bytes into one frame. */
export function encodeZstd(input: Buffer): Buffer {
  const encoder = new FrameEncoder(input);
  return encoder.encode();
}

function writeFrameHeader(contentSize: number): Buffer {
  const header = Buffer.alloc(9);
  header.writeUInt32LE(FRAME_MAGIC);
  // One segment, with the size of the content in 4 bytes, which is the window too.
  header[4] = 0xa0;
  header.writeUInt32LE(contentSize, 5);
  return header;
}

/** The sequences of a block: literals and then a match each, as codes' values. */
interface Sequences {
  readonly literals: Buffer;
  readonly literalLengths: number[];
  readonly matchLengths: number[];
  readonly offsetValues: number[];
}

class FrameEncoder {
  readonly #input: Buffer;
  readonly #table = makeHashTable();
  #lastOffsets: [number, number, number] = [...FIRST_OFFSETS];

  constructor(input: Buffer) {
    this.#input = input;
  }

  encode(): Buffer {
    const input = this.#input;
    const parts = [writeFrameHeader(input.length)];
    let start = 0;
    do {
      const end = Math.min(start + MAX_BLOCK_BYTES, input.length);
      parts.push(...this.#block(start, end));
      start = end;
    } while (start < input.length);
    return Buffer.concat(parts);
  }

  #block(start: number, end: number): Buffer[] {
    const isLast = end === this.#input.length;
    const before: [number, number, number] = [...this.#lastOffsets];
    const sequences = this.#findSequences(start, end);
    const compressed = encodeBlock(sequences);
    if (compressed.length < end - start) {
      return [blockHeader(BlockType.compressed, compressed.length, isLast), compressed];
    }
    // The reader does not see the sequences of a block that is not compressed.
    this.#lastOffsets = before;
    return [blockHeader(BlockType.raw, end - start, isLast), this.#input.subarray(start, end)];
  }

  #findSequences(start: number, end: number): Sequences {
    const input = this.#input;
    const table = this.#table;
    const literals = Buffer.allocUnsafe(end - start);
    let literalCount = 0;
    const sequences: Sequences = { literals, literalLengths: [], matchLengths: [], offsetValues: [] };
    let literalStart = start;
    let at = Math.max(start, 1);
    const limit = end - TAIL_BYTES;
    let misses = 1 << SKIP_SHIFT;
    while (at < limit) {
      const hash = hash4(input, at);
      let candidate = table[hash]!;
      table[hash] = at;
      const again = at + 1 - this.#lastOffsets[0];
      if (again >= 0 && isSame4(input, again, at + 1)) {
        // What repeats at the last offset costs next to nothing, so that is tried first, one byte ahead.
        at++;
        candidate = again;
      } else if (!isSame4(input, candidate, at)) {
        at += misses++ >>> SKIP_SHIFT;
        continue;
      }
      misses = 1 << SKIP_SHIFT;
      const matchEnd = at + matchLength(input, candidate, at, end);
      while (at > literalStart && candidate > 0 && input[at - 1] === input[candidate - 1]) {
        at--;
        candidate--;
      }
      const literalLength = at - literalStart;
      copyBytes(input, { from: literalStart, count: literalLength }, literals, literalCount);
      literalCount += literalLength;
      sequences.literalLengths.push(literalLength);
      sequences.matchLengths.push(matchEnd - at);
      sequences.offsetValues.push(this.#offsetValue(at - candidate, literalLength));
      at = matchEnd;
      literalStart = at;
      if (at < limit) table[hash4(input, at - 2)] = at - 2;
    }
    literalCount += input.copy(literals, literalCount, literalStart, end);
    return { ...sequences, literals: literals.subarray(0, literalCount) };
  }

  /** The value that stands for an offset: up to 3 for one of the last three, which it puts first. */
  #offsetValue(offset: number, literalLength: number): number {
    const [one, two, three] = this.#lastOffsets;
    const shift = literalLength === 0 ? 0 : 1;
    if (offset === one && literalLength > 0) return 1;
    if (offset === two) {
      this.#lastOffsets = [two, one, three];
      return 1 + shift;
    }
    this.#lastOffsets = [offset, one, two];
    if (offset === three) return 2 + shift;
    return literalLength === 0 && offset === one - 1 ? 3 : offset + 3;
  }
}

function blockHeader(type: number, size: number, isLast: boolean): Buffer {
  const header = Buffer.allocUnsafe(3);
  header.writeUIntLE((isLast ? 1 : 0) | (type << 1) | (size << 3), 0, 3);
  return header;
}

/** A block's literals and sequences. */
function encodeBlock(sequences: Sequences): Buffer {
  const { literals, literalLengths } = sequences;
  const output = Buffer.alloc(
    literals.length + MAX_SEQUENCE_BYTES * literalLengths.length + BLOCK_SLACK_BYTES,
  );
  const position = writeLiterals(literals, output);
  return output.subarray(0, writeSequences(sequences, output, position));
}

/** Writes the literals in the shortest of their forms; returns the position behind them. */
function writeLiterals(literals: Buffer, output: Buffer): number {
  const counts = new Array<number>(256).fill(0);
  for (const symbol of literals) counts[symbol]!++;
  if (literals.length > 0 && counts[literals[0]!] === literals.length) {
    const position = writePlainLiteralsHeader(LiteralsType.rle, literals.length, output);
    output[position] = literals[0]!;
    return position + 1;
  }
  if (literals.length >= MIN_HUFFMAN_LITERALS) {
    const encoder = HuffmanEncoder.for(counts);
    if (encoder !== undefined && encoder.sizeBytes(counts) < literals.length) {
      const end = writeHuffmanLiterals(literals, encoder, output);
      if (end !== undefined) return end;
    }
  }
  const position = writePlainLiteralsHeader(LiteralsType.raw, literals.length, output);
  return position + literals.copy(output, position);
}

/** The size is in 5, 12 or 20 bits. */
function writePlainLiteralsHeader(type: number, size: number, output: Buffer): number {
  if (size < 1 << 5) return output.writeUInt8(type | (size << 3), 0);
  if (size < 1 << 12) return output.writeUInt16LE(type | (1 << 2) | (size << 4), 0);
  return output.writeUIntLE(type | (3 << 2) | (size << 4), 0, 3);
}

/** The literals as Huffman codes, with sizes of 10, 14 or 18 bits; undefined when those don't make them smaller. */
function writeHuffmanLiterals(literals: Buffer, encoder: HuffmanEncoder, output: Buffer): number | undefined {
  const size = literals.length;
  const isFour = size >= FOUR_STREAMS_LITERALS;
  const [format, headerBytes, sizeBits] = !isFour
    ? ([0, 3, 10] as const)
    : size < 1 << 10
      ? ([1, 3, 10] as const)
      : size < 1 << 14
        ? ([2, 4, 14] as const)
        : ([3, 5, 18] as const);
  const streams = headerBytes + encoder.description.copy(output, headerBytes);
  const end = isFour
    ? writeFourStreams(literals, encoder, output, streams)
    : encoder.encode(literals, output, streams);
  if (end >= size) return undefined;
  const fields = LiteralsType.compressed + format * 4 + size * 16 + (end - headerBytes) * 2 ** (4 + sizeBits);
  output.writeUIntLE(fields, 0, headerBytes);
  return end;
}

/** Each a quarter of the literals; the sizes of the first three go before them. */
function writeFourStreams(
  literals: Buffer,
  encoder: HuffmanEncoder,
  output: Buffer,
  position: number,
): number {
  const quarter = Math.floor((literals.length + 3) / 4);
  let at = position + JUMP_BYTES;
  for (let stream = 0; stream < 4; stream++) {
    const end = encoder.encode(literals.subarray(stream * quarter, (stream + 1) * quarter), output, at);
    if (stream < 3) output.writeUInt16LE(end - at, position + 2 * stream);
    at = end;
  }
  return at;
}

/** Writes the sequences at `position`; returns the position behind them. */
function writeSequences(sequences: Sequences, output: Buffer, position: number): number {
  const count = sequences.literalLengths.length;
  let at = writeSequenceCount(count, output, position);
  if (count === 0) return at;
  const modesPosition = at++;
  const literalLengths = new FieldWriter(LITERAL_LENGTHS, sequences.literalLengths);
  const offsets = new FieldWriter(OFFSETS, sequences.offsetValues);
  const matchLengths = new FieldWriter(MATCH_LENGTHS, sequences.matchLengths);
  output[modesPosition] = (literalLengths.mode << 6) | (offsets.mode << 4) | (matchLengths.mode << 2);
  at = literalLengths.writeTable(output, at);
  at = offsets.writeTable(output, at);
  at = matchLengths.writeTable(output, at);
  const writer = new BitWriter(output, at);
  for (let index = count - 1; index >= 0; index--) {
    offsets.writeState(index, writer);
    matchLengths.writeState(index, writer);
    literalLengths.writeState(index, writer);
    literalLengths.writeBits(index, writer);
    matchLengths.writeBits(index, writer);
    offsets.writeBits(index, writer);
  }
  matchLengths.writeFirstState(writer);
  offsets.writeFirstState(writer);
  literalLengths.writeFirstState(writer);
  return writer.finishMarked();
}

function writeSequenceCount(count: number, output: Buffer, position: number): number {
  if (count < 128) return output.writeUInt8(count, position);
  if (count < 0x7f00) return output.writeUInt16BE(0x8000 + count, position);
  output[position] = 255;
  return output.writeUInt16LE(count - 0x7f00, position + 1);
}

/** One field of all sequences: the lengths of literals or matches, or the offsets. */
class FieldWriter {
  readonly mode: number;
  readonly #table: CodeTable;
  readonly #values: readonly number[];
  readonly #codes: Uint8Array;
  readonly #distribution: Distribution;
  readonly #encoder: FseEncoder;
  #state: number | undefined;

  constructor(table: CodeTable, values: readonly number[]) {
    this.#table = table;
    this.#values = values;
    this.#codes = new Uint8Array(values.length);
    const counts = new Array<number>(table.maxSymbol + 1).fill(0);
    for (let index = 0; index < values.length; index++) {
      const code = codeOf(table, values[index]!);
      this.#codes[index] = code;
      counts[code]!++;
    }
    [this.mode, this.#distribution] = chooseDistribution(table, counts, this.#codes[0]!);
    this.#encoder = new FseEncoder(this.#distribution);
  }

  writeTable(output: Buffer, position: number): number {
    if (this.mode === TableMode.rle) return output.writeUInt8(this.#codes[0]!, position);
    if (this.mode === TableMode.predefined) return position;
    return writeDistribution(this.#distribution, new BitWriter(output, position));
  }

  /** The state of the last sequence is not written: the others lead to it. */
  writeState(index: number, writer: BitWriter): void {
    const code = this.#codes[index]!;
    this.#state =
      this.#state === undefined ? this.#encoder.begin(code) : this.#encoder.step(this.#state, code, writer);
  }

  writeFirstState(writer: BitWriter): void {
    this.#encoder.end(this.#state!, writer);
  }

  writeBits(index: number, writer: BitWriter): void {
    const code = this.#codes[index]!;
    writer.addLong(this.#values[index]! - this.#table.bases[code]!, this.#table.bits[code]!);
  }
}

function chooseDistribution(
  table: CodeTable,
  counts: readonly number[],
  first: number,
): [mode: number, distribution: Distribution] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (counts[first] === total) return [TableMode.rle, singleSymbol(first)];
  const own = normalize(counts, table.maxAccuracy);
  const ownCost = costInBits(counts, own) + own.shares.length * DESCRIPTION_BITS;
  return ownCost < costInBits(counts, table.predefined)
    ? [TableMode.described, own]
    : [TableMode.predefined, table.predefined];
}
