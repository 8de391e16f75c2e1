import { Errors } from '../model/error_codes.ts';
import { Failure } from '../model/failure.ts';

/** Bytes of the size before each frame. */
const PREFIX_BYTES = 4;
/** The first buffer for a frame that spans chunks is at least this, or the frame's size. */
const FIRST_BUFFER_BYTES = 4096;
/** How many times the bytes that came the buffer for a frame that spans chunks may be. */
const GROWTH = 16;

/** Smaller frames are cheaper in Buffer's pool than with memory of their own. */
const POOLED_BYTES = 2048;

const EMPTY = Buffer.alloc(0);

export interface FrameLimits {
  /** Smaller frames are refused: a request has 10 bytes at least, a response 4, a raw SASL token none. */
  readonly leastBytes: number;
  /** Larger frames are refused: `socket.request.max.bytes`, and less before a client has authenticated. */
  readonly mostBytes: number;
}

/**
 * Puts the frames of a connection together from the chunks that its bytes come in: each frame is an int32 size and
 * that many bytes. Frames are copies: chunks are memory that the next bytes are read into. One that spans chunks is
 * copied into a buffer that grows with what came, to at most {@link GROWTH} times that and never above the frame's
 * size: so an announced size alone makes this node hold nothing, and a byte is copied 1.07 times on average at most.
 *
 *     assembler.add(chunk);
 *     for (let frame = assembler.next(); frame !== undefined; frame = assembler.next()) …
 *     assembler.keep();
 *
 * Who is slower than the peer stops calling `next` and pauses the connection: what was added waits.
 */
export class FrameAssembler {
  /** May be changed at any time; holds for the frames whose size is read from then on. */
  limits: FrameLimits;
  /** What was added and not used up; the first is used up to {@link #position}. */
  readonly #chunks: Buffer[] = [];
  /** How many of them, from the first on, are copies. */
  #ownChunks = 0;
  #position = 0;
  /** The size that is being read, and how many of its bytes are in it; all of them once it has been checked. */
  #size = 0;
  #sizeBytesRead = 0;
  /** The start of a frame that spans chunks: the first {@link #partialBytes} are filled. Never above its size. */
  #partial = EMPTY;
  #partialBytes = 0;
  /** A size outside the limits: nothing behind it can be understood. */
  #failure: Failure | undefined;

  constructor(limits: FrameLimits) {
    this.limits = limits;
  }

  /** Memory held for the connection: what was added and is not used up, and the start of a frame. */
  get heldBytes(): number {
    let held = this.#partial.length - this.#position;
    for (const chunk of this.#chunks) held += chunk.length;
    return held;
  }

  /** Takes bytes as they came. The chunk must not be changed before {@link keep}. */
  add(chunk: Buffer): void {
    if (chunk.length > 0) this.#chunks.push(chunk);
  }

  /** Copies what was added and not used up: its memory is its owner's again. */
  keep(): void {
    for (let index = this.#ownChunks; index < this.#chunks.length; index++) {
      const from = index === 0 ? this.#position : 0;
      this.#chunks[index] = Buffer.from(this.#chunks[index]!.subarray(from));
      if (index === 0) this.#position = 0;
    }
    this.#ownChunks = this.#chunks.length;
  }

  /**
   * The next whole frame, without its size.
   * @returns undefined when more bytes are needed; INVALID_REQUEST for a size outside the limits, now and ever after
   */
  next(): Buffer | Failure | undefined {
    if (this.#failure !== undefined) return this.#failure;
    if (this.#sizeBytesRead < PREFIX_BYTES) {
      if (!this.#readSize()) return undefined;
      this.#failure = checkSize(this.#size, this.limits);
      if (this.#failure !== undefined) return this.#failure;
    }
    const frame = this.#readFrame();
    if (frame === undefined) return undefined;
    this.#size = 0;
    this.#sizeBytesRead = 0;
    return frame;
  }

  /** Whether the size is whole now. */
  #readSize(): boolean {
    while (this.#sizeBytesRead < PREFIX_BYTES) {
      const chunk = this.#chunks[0];
      if (chunk === undefined) return false;
      this.#size = (this.#size << 8) | chunk[this.#position]!;
      this.#sizeBytesRead++;
      this.#use(1);
    }
    return true;
  }

  #readFrame(): Buffer | undefined {
    const size = this.#size;
    if (size === 0) return EMPTY;
    for (let chunk = this.#chunks[0]; chunk !== undefined; chunk = this.#chunks[0]) {
      const start = this.#position;
      const taken = Math.min(chunk.length - start, size - this.#partialBytes);
      this.#use(taken);
      if (taken === size) return copyOf(chunk, start, size);
      this.#collect(chunk, start, taken);
      if (this.#partialBytes === size) {
        const frame = this.#partial;
        this.#partial = EMPTY;
        this.#partialBytes = 0;
        return frame;
      }
    }
    return undefined;
  }

  /** Marks bytes of the first chunk as used, and drops it after its last one. */
  #use(count: number): void {
    this.#position += count;
    if (this.#position === this.#chunks[0]!.length) {
      this.#chunks.shift();
      this.#position = 0;
      if (this.#ownChunks > 0) this.#ownChunks--;
    }
  }

  /** Copies bytes of a frame that spans chunks behind those that came before. */
  #collect(chunk: Buffer, start: number, count: number): void {
    const needed = this.#partialBytes + count;
    if (needed > this.#partial.length) {
      const grown = Math.min(this.#size, Math.max(FIRST_BUFFER_BYTES, needed * GROWTH));
      const larger = Buffer.allocUnsafeSlow(grown);
      this.#partial.copy(larger, 0, 0, this.#partialBytes);
      this.#partial = larger;
    }
    chunk.copy(this.#partial, this.#partialBytes, start, start + count);
    this.#partialBytes = needed;
  }
}

function copyOf(chunk: Buffer, start: number, size: number): Buffer {
  // Small ones share the memory of Buffer's pool; a large one is alone in its own, which the tail of a log may keep.
  const frame = size < POOLED_BYTES ? Buffer.allocUnsafe(size) : Buffer.allocUnsafeSlow(size);
  chunk.copy(frame, 0, start, start + size);
  return frame;
}

function checkSize(size: number, limits: FrameLimits): Failure | undefined {
  if (size >= limits.leastBytes && size <= limits.mostBytes) return undefined;
  return new Failure(
    Errors.INVALID_REQUEST,
    `Cannot take a frame of ${size} bytes: ${limits.leastBytes} to ${limits.mostBytes} are allowed${guess(size)}`,
  );
}

const HTTP_METHODS = new Set(['GET ', 'HEAD', 'POST', 'PUT ', 'DELE', 'OPTI', 'PATC', 'CONN']);
/** The first bytes of a TLS handshake: its record type and the major version. */
const TLS_HANDSHAKE = 0x1603;

/** What else the bytes of a size may be, so that who reads the log knows what connected. */
function guess(size: number): string {
  const text = String.fromCharCode((size >> 24) & 0xff, (size >> 16) & 0xff, (size >> 8) & 0xff, size & 0xff);
  if (HTTP_METHODS.has(text)) return '; the peer seems to speak HTTP';
  return size >> 16 === TLS_HANDSHAKE ? '; the peer seems to speak TLS, this listener does not' : '';
}
