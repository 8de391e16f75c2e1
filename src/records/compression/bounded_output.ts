import { Malformed } from '../../protocol/malformed.ts';
import { copyBytes, LOOP_BYTES } from './copy_bytes.ts';

/** The bytes decompress to more than the caller allows: thrown while decompressing, and made a Failure at its border. */
export class TooMuchOutput extends Error {
  override readonly name = 'TooMuchOutput';
}

/** Where small outputs start; from there they double. */
const FIRST_BYTES = 1 << 14;
/** What a finished output may hold on to without use. */
const MAX_SLACK_BYTES = 1 << 14;

/**
 * What is being decompressed: grows as it must, up to a limit. All writing is checked against the limit before memory
 * is made for it.
 */
export class BoundedOutput {
  readonly #maxBytes: number;
  #buffer: Buffer;
  #length = 0;
  /** Where the bytes begin that {@link repeat} may reach back to. */
  #windowStart = 0;

  /** @param expectedBytes a guess, to begin with */
  constructor(maxBytes: number, expectedBytes: number) {
    this.#maxBytes = maxBytes;
    this.#buffer = Buffer.allocUnsafeSlow(Math.min(maxBytes, Math.max(expectedBytes, FIRST_BYTES)));
  }

  get length(): number {
    return this.#length;
  }

  /** What was written so far is not to be repeated. */
  closeWindow(): void {
    this.#windowStart = this.#length;
  }

  /** @throws {TooMuchOutput} */
  #reserve(count: number): void {
    const wanted = this.#length + count;
    if (wanted <= this.#buffer.length) return;
    if (wanted > this.#maxBytes) throw new TooMuchOutput();
    const grown = Buffer.allocUnsafeSlow(Math.min(this.#maxBytes, Math.max(wanted, 2 * this.#buffer.length)));
    this.#buffer.copy(grown, 0, 0, this.#length);
    this.#buffer = grown;
  }

  /** Adds `input[from, from + count)`, which was checked to be there. @throws {TooMuchOutput} */
  append(input: Buffer, from: number, count: number): void {
    this.#reserve(count);
    const to = this.#length;
    this.#length = to + count;
    copyBytes(input, { from, count }, this.#buffer, to);
  }

  /** Adds one byte `count` times. @throws {TooMuchOutput} */
  fill(byte: number, count: number): void {
    this.#reserve(count);
    this.#buffer.fill(byte, this.#length, this.#length + count);
    this.#length += count;
  }

  /**
   * Adds `count` bytes that repeat those from `offset` before the end on; they may overlap.
   * @throws {Malformed} when there is nothing so far before
   */
  repeat(offset: number, count: number): void {
    const before = this.#length - this.#windowStart;
    if (offset === 0 || offset > before) {
      throw new Malformed(`a match begins ${offset} bytes before, where there are ${before}`);
    }
    this.#reserve(count);
    const buffer = this.#buffer;
    let to = this.#length;
    const end = to + count;
    this.#length = end;
    if (count > LOOP_BYTES && offset >= count) {
      buffer.copyWithin(to, to - offset, to - offset + count);
      return;
    }
    for (let from = to - offset; to < end; to++, from++) buffer[to] = buffer[from]!;
  }

  /** What was written. The output is not to be used afterwards. */
  finish(): Buffer {
    const written = this.#buffer.subarray(0, this.#length);
    return this.#buffer.length - this.#length > MAX_SLACK_BYTES ? Buffer.from(written) : written;
  }
}
