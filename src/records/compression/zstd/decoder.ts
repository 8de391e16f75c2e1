import { Malformed } from '../../../protocol/malformed.ts';
import { BoundedOutput } from '../bounded_output.ts';
import { BackwardBits } from './bits.ts';
import {
  BlockType,
  type CodeTable,
  FIRST_OFFSETS,
  JUMP_BYTES,
  LITERAL_LENGTHS,
  LiteralsType,
  MATCH_LENGTHS,
  OFFSETS,
  TableMode,
} from './codes.ts';
import { type BlockHeader, eachFrame, readBlockHeader, readFrameHeader } from './frame.ts';
import { FseDecoder, readDistribution, singleSymbol } from './fse.ts';
import { decodeHuffman, type HuffmanTable, readHuffmanTable } from './huffman.ts';

/*
 * Zstandard (RFC 8878) in JavaScript, for a Node that lacks it: all but dictionaries. The checksum of a frame's content
 * is passed over: the batch's own covers the bytes that it was decoded from.
 */

/**
 * @throws {Malformed}
 * @throws {TooMuchOutput}
 */
export function decodeZstd(bytes: Buffer, maxOutputBytes: number): Buffer {
  const output = new BoundedOutput(maxOutputBytes, 4 * bytes.length);
  eachFrame(bytes, frame => new FrameDecoder(frame, output).decode());
  return output.finish();
}

/** A field of the sequences, and the states that decode its codes: kept for blocks that use those of the one before. */
interface Field {
  readonly codes: CodeTable;
  decoder: FseDecoder | undefined;
}

class FrameDecoder {
  readonly #frame: Buffer;
  readonly #output: BoundedOutput;
  readonly #lastOffsets: [number, number, number] = [...FIRST_OFFSETS];
  readonly #literalLengths: Field = { codes: LITERAL_LENGTHS, decoder: undefined };
  readonly #offsets: Field = { codes: OFFSETS, decoder: undefined };
  readonly #matchLengths: Field = { codes: MATCH_LENGTHS, decoder: undefined };
  #huffman: HuffmanTable | undefined;
  /** Made when a block first needs it, and used again for the next. */
  #scratch: Buffer | undefined;
  #maxBlockBytes = 0;

  constructor(frame: Buffer, output: BoundedOutput) {
    this.#frame = frame;
    this.#output = output;
  }

  /** Decodes a frame that is whole. */
  decode(): void {
    const frame = this.#frame;
    const header = readFrameHeader(frame);
    const output = this.#output;
    const start = output.length;
    this.#maxBlockBytes = header.maxBlockBytes;
    output.closeWindow();
    let at = header.end;
    let isLast = false;
    while (!isLast) {
      const block = readBlockHeader(frame, at);
      this.#block(block);
      isLast = block.isLast;
      at = block.end;
    }
    if (header.contentSize !== undefined && header.contentSize !== BigInt(output.length - start)) {
      throw new Malformed(
        `a zstd frame holds ${output.length - start} bytes, not the ${header.contentSize} that it says`,
      );
    }
  }

  #block({ type, size, start, end }: BlockHeader): void {
    if (size > this.#maxBlockBytes) throw new Malformed(`a zstd block of ${size} bytes`);
    if (type === BlockType.raw) this.#output.append(this.#frame, start, size);
    else if (type === BlockType.rle) this.#output.fill(this.#frame[start]!, size);
    else if (type === BlockType.compressed) this.#compressedBlock(this.#frame.subarray(start, end));
    else throw new Malformed('a zstd block of the reserved type');
  }

  #compressedBlock(block: Buffer): void {
    const { literals, end } = this.#literals(block);
    const before = this.#output.length;
    const used = this.#sequences(block, end, literals);
    this.#output.append(literals, used, literals.length - used);
    if (this.#output.length - before > this.#maxBlockBytes) {
      throw new Malformed('a zstd block holds more than its frame allows');
    }
  }

  #literals(block: Buffer): { readonly literals: Buffer; readonly end: number } {
    const first = block[0];
    if (first === undefined) throw new Malformed('a zstd block without bytes');
    const type = first & 3;
    const format = (first >>> 2) & 3;
    if (type === LiteralsType.compressed || type === LiteralsType.treeless) {
      return this.#huffmanLiterals(block, type, format);
    }
    const headerBytes = format === 1 ? 2 : format === 3 ? 3 : 1;
    if (headerBytes > block.length) throw new Malformed('a zstd block ends within its literals');
    const size = block.readUIntLE(0, headerBytes) >>> (headerBytes === 1 ? 3 : 4);
    const contentEnd = headerBytes + (type === LiteralsType.raw ? size : 1);
    if (size > this.#maxBlockBytes || contentEnd > block.length) {
      throw new Malformed(`a zstd block ends within its ${size} literals`);
    }
    if (type === LiteralsType.raw) {
      return { literals: block.subarray(headerBytes, contentEnd), end: contentEnd };
    }
    return { literals: this.#scratchOf(size).fill(block[headerBytes]!), end: contentEnd };
  }

  #huffmanLiterals(
    block: Buffer,
    type: number,
    format: number,
  ): { readonly literals: Buffer; readonly end: number } {
    const sizeBits = [10, 10, 14, 18][format]!;
    const start = [3, 3, 4, 5][format]!;
    if (start > block.length) throw new Malformed('a zstd block ends within its literals');
    const fields = block.readUIntLE(0, start);
    const size = Math.floor(fields / 16) % 2 ** sizeBits;
    const end = start + Math.floor(fields / 2 ** (4 + sizeBits));
    if (size > this.#maxBlockBytes || end > block.length) {
      throw new Malformed(`a zstd block ends within its ${size} literals`);
    }
    let at = start;
    if (type === LiteralsType.compressed) {
      const read = readHuffmanTable(block.subarray(0, end), start);
      this.#huffman = read.table;
      at = read.end;
    }
    if (this.#huffman === undefined)
      throw new Malformed('a zstd block uses a Huffman code that was not told');
    const literals = this.#scratchOf(size);
    if (format === 0) decodeHuffman(this.#huffman, block.subarray(at, end), literals);
    else decodeFourStreams(this.#huffman, block.subarray(at, end), literals);
    return { literals, end };
  }

  #scratchOf(size: number): Buffer {
    this.#scratch ??= Buffer.allocUnsafeSlow(this.#maxBlockBytes);
    return this.#scratch.subarray(0, size);
  }

  /** Executes the sequences; returns how many of the literals they used. */
  #sequences(block: Buffer, position: number, literals: Buffer): number {
    const header = readSequencesHeader(block, position);
    if (header.count === 0) return 0;
    let at = header.end;
    at = readStates(this.#literalLengths, header.modes >>> 6, block, at);
    at = readStates(this.#offsets, (header.modes >>> 4) & 3, block, at);
    at = readStates(this.#matchLengths, (header.modes >>> 2) & 3, block, at);
    return this.#execute(header.count, new BackwardBits(block.subarray(at)), literals);
  }

  #execute(count: number, bits: BackwardBits, literals: Buffer): number {
    const output = this.#output;
    const maxLength = output.length + this.#maxBlockBytes;
    const literalLengths = this.#literalLengths.decoder!;
    const offsets = this.#offsets.decoder!;
    const matchLengths = this.#matchLengths.decoder!;
    let literalState = bits.read(literalLengths.accuracy);
    let offsetState = bits.read(offsets.accuracy);
    let matchState = bits.read(matchLengths.accuracy);
    let used = 0;
    for (let left = count; ; ) {
      const offsetCode = offsets.symbols[offsetState]!;
      const matchCode = matchLengths.symbols[matchState]!;
      const literalCode = literalLengths.symbols[literalState]!;
      const offsetValue = 2 ** offsetCode + bits.readLong(offsetCode);
      const matchLength = MATCH_LENGTHS.bases[matchCode]! + bits.read(MATCH_LENGTHS.bits[matchCode]!);
      const literalLength =
        LITERAL_LENGTHS.bases[literalCode]! + bits.read(LITERAL_LENGTHS.bits[literalCode]!);
      if (literalLength > literals.length - used) throw new Malformed('a zstd block has too few literals');
      output.append(literals, used, literalLength);
      used += literalLength;
      output.repeat(this.#offset(offsetValue, literalLength), matchLength);
      if (output.length > maxLength) throw new Malformed('a zstd block holds more than its frame allows');
      left--;
      if (left === 0) break;
      literalState = literalLengths.next(literalState, bits);
      matchState = matchLengths.next(matchState, bits);
      offsetState = offsets.next(offsetState, bits);
    }
    if (bits.left !== 0) throw new Malformed('a zstd block has bits behind its sequences');
    return used;
  }

  /** What an offset's value means: up to 3, one of the last three offsets, which it puts first. */
  #offset(value: number, literalLength: number): number {
    const last = this.#lastOffsets;
    if (value > 3) {
      last[2] = last[1];
      last[1] = last[0];
      last[0] = value - 3;
      return last[0];
    }
    // Without literals the match before would only have been longer: the numbers mean the next each.
    const index = literalLength === 0 ? value : value - 1;
    if (index === 0) return last[0];
    const offset = index === 3 ? last[0] - 1 : last[index]!;
    if (index > 1) last[2] = last[1];
    last[1] = last[0];
    last[0] = offset;
    return offset;
  }
}

function readSequencesHeader(
  block: Buffer,
  position: number,
): { readonly count: number; readonly modes: number; readonly end: number } {
  const first = block[position];
  if (first === undefined) throw new Malformed('a zstd block ends before its sequences');
  let count = first;
  let at = position + 1;
  if (first === 255) {
    count = block[at]! + (block[at + 1]! << 8) + 0x7f00;
    at += 2;
  } else if (first >= 128) {
    count = ((first - 128) << 8) + block[at]!;
    at += 1;
  }
  if (count === 0) {
    if (at !== block.length) throw new Malformed('a zstd block has bytes behind its literals');
    return { count, modes: 0, end: at };
  }
  const modes = block[at];
  if (modes === undefined || (modes & 3) !== 0)
    throw new Malformed('a zstd block without modes of its sequences');
  return { count, modes, end: at + 1 };
}

/** Sets a field's states as the mode says; returns the position behind what tells them. */
function readStates(field: Field, mode: number, block: Buffer, position: number): number {
  const { codes } = field;
  switch (mode) {
    case TableMode.predefined:
      field.decoder = predefinedDecoder(codes);
      return position;
    case TableMode.rle: {
      const symbol = block[position];
      if (symbol === undefined || symbol > codes.maxSymbol) throw new Malformed(`a zstd code of ${symbol}`);
      field.decoder = new FseDecoder(singleSymbol(symbol));
      return position + 1;
    }
    case TableMode.described: {
      const distribution = readDistribution(block, position, codes);
      field.decoder = new FseDecoder(distribution);
      return distribution.end;
    }
    default:
      if (field.decoder === undefined) throw new Malformed('a zstd block repeats a table that was not told');
      return position;
  }
}

const predefinedDecoders = new Map<CodeTable, FseDecoder>();

function predefinedDecoder(codes: CodeTable): FseDecoder {
  let decoder = predefinedDecoders.get(codes);
  if (decoder === undefined) {
    decoder = new FseDecoder(codes.predefined);
    predefinedDecoders.set(codes, decoder);
  }
  return decoder;
}

/** Four streams, each a quarter of the literals; the sizes of the first three go before them. */
function decodeFourStreams(table: HuffmanTable, streams: Buffer, literals: Buffer): void {
  const quarter = Math.floor((literals.length + 3) / 4);
  if (streams.length < JUMP_BYTES || 3 * quarter > literals.length) {
    throw new Malformed('a zstd block with four streams for few literals');
  }
  let start = JUMP_BYTES;
  for (let stream = 0; stream < 4; stream++) {
    const end = stream === 3 ? streams.length : start + streams.readUInt16LE(2 * stream);
    if (end > streams.length) throw new Malformed('a zstd block ends within a stream of its literals');
    const from = stream * quarter;
    const to = stream === 3 ? literals.length : from + quarter;
    decodeHuffman(table, streams.subarray(start, end), literals.subarray(from, to));
    start = end;
  }
}
