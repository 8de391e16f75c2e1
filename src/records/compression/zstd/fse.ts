import { Malformed } from '../../../protocol/malformed.ts';
import { type BackwardBits, type BitWriter, highestBit } from './bits.ts';

/*
 * Finite state entropy (RFC 8878, section 4.1): symbols are coded by walking through the states of a table, which has
 * as many states for a symbol as its share of the distribution. The shares of all add up to the table's size; -1 is a
 * share of less than one state, which still gets one.
 */

/** The smallest table has 2^5 states. */
export const MIN_ACCURACY = 5;

/** The shares of the symbols from 0 on, of 2^accuracy in all. */
export interface Distribution {
  readonly accuracy: number;
  readonly shares: readonly number[];
}

/** One symbol has all of a table with one state, and takes no bits. */
export function singleSymbol(symbol: number): Distribution {
  return { accuracy: 0, shares: [...new Array<number>(symbol).fill(0), 1] };
}

/** The symbol of each state, in the order of the format. */
function spreadSymbols({ accuracy, shares }: Distribution): Uint8Array {
  const size = 1 << accuracy;
  const symbols = new Uint8Array(size);
  let high = size - 1;
  shares.forEach((share, symbol) => {
    if (share === -1) symbols[high--] = symbol;
  });
  const step = (size >>> 1) + (size >>> 3) + 3;
  let at = 0;
  shares.forEach((share, symbol) => {
    for (let count = 0; count < share; count++) {
      symbols[at] = symbol;
      do at = (at + step) & (size - 1);
      while (at > high);
    }
  });
  return symbols;
}

/** The states of a decoder: what each stands for, and how it goes on. */
export class FseDecoder {
  readonly accuracy: number;
  readonly symbols: Uint8Array;
  /** Bits to read for the next state, which is added to `bases`. */
  readonly bits: Uint8Array;
  readonly bases: Uint16Array;

  constructor(distribution: Distribution) {
    const { accuracy, shares } = distribution;
    const size = 1 << accuracy;
    this.accuracy = accuracy;
    this.symbols = spreadSymbols(distribution);
    this.bits = new Uint8Array(size);
    this.bases = new Uint16Array(size);
    const next = shares.map(share => (share === -1 ? 1 : share));
    for (let state = 0; state < size; state++) {
      const occurrence = next[this.symbols[state]!]!++;
      const bits = accuracy - highestBit(occurrence);
      this.bits[state] = bits;
      this.bases[state] = (occurrence << bits) - size;
    }
  }

  /** The state after `state`. */
  next(state: number, bits: BackwardBits): number {
    return this.bases[state]! + bits.read(this.bits[state]!);
  }
}

/**
 * Reads a distribution from `bytes` at `position`.
 * @throws {Malformed} when it is none, or beyond the limits
 */
export function readDistribution(
  bytes: Buffer,
  position: number,
  { maxAccuracy, maxSymbol }: { readonly maxAccuracy: number; readonly maxSymbol: number },
): Distribution & { readonly end: number } {
  let bit = position * 8;
  const peek = (count: number) => {
    const at = bit >>> 3;
    const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
    return (word >>> (bit & 7)) & ((1 << count) - 1);
  };
  const accuracy = peek(4) + MIN_ACCURACY;
  bit += 4;
  if (accuracy > maxAccuracy) throw new Malformed(`a zstd table of 2^${accuracy} states`);
  const shares: number[] = [];
  // One more than what is left to be shared out: the range of the next value, which takes as few bits as that allows.
  let range = (1 << accuracy) + 1;
  while (range > 1 && shares.length <= maxSymbol) {
    const bits = highestBit(range) + 1;
    const unused = (1 << bits) - 1 - range;
    let value = peek(bits - 1);
    if (value < unused) {
      bit += bits - 1;
    } else {
      value = peek(bits);
      if (value >= 1 << (bits - 1)) value -= unused;
      bit += bits;
    }
    const share = value - 1;
    shares.push(share);
    range -= Math.abs(share);
    if (share !== 0) continue;
    let repeats: number;
    do {
      repeats = peek(2);
      bit += 2;
      for (let count = 0; count < repeats; count++) shares.push(0);
    } while (repeats === 3 && shares.length <= maxSymbol);
  }
  const end = (bit + 7) >>> 3;
  if (range !== 1 || shares.length > maxSymbol + 1 || end > bytes.length) {
    throw new Malformed('a zstd table whose shares do not add up');
  }
  return { accuracy, shares, end };
}

/** Writes a distribution; the inverse of {@link readDistribution}. Returns the position behind it. */
export function writeDistribution({ accuracy, shares }: Distribution, writer: BitWriter): number {
  writer.add(accuracy - MIN_ACCURACY, 4);
  let range = (1 << accuracy) + 1;
  for (let symbol = 0; range > 1; symbol++) {
    const share = shares[symbol]!;
    const bits = highestBit(range) + 1;
    const unused = (1 << bits) - 1 - range;
    const value = share + 1;
    if (value < unused) writer.add(value, bits - 1);
    else writer.add(value >= 1 << (bits - 1) ? value + unused : value, bits);
    range -= Math.abs(share);
    if (share !== 0) continue;
    let zeros = 0;
    while (shares[symbol + 1 + zeros] === 0) zeros++;
    symbol += zeros;
    for (; zeros >= 3; zeros -= 3) writer.add(3, 2);
    writer.add(zeros, 2);
  }
  return writer.finish();
}

/** A distribution near to the counts of the symbols, of which two at least are not 0. */
export function normalize(counts: readonly number[], maxAccuracy: number): Distribution {
  let total = 0;
  let used = 0;
  for (const count of counts) {
    total += count;
    if (count > 0) used++;
  }
  // As fine as the number of symbols can make use of, and room for each.
  const fine = Math.max(MIN_ACCURACY, highestBit(total) - 2, highestBit(used) + 1);
  const accuracy = Math.min(maxAccuracy, fine);
  const size = 1 << accuracy;
  const shares = counts.map(count => (count === 0 ? 0 : Math.max(1, Math.round((count * size) / total))));
  let excess = shares.reduce((sum, share) => sum + share, -size);
  while (excess !== 0) {
    const largest = shares.indexOf(Math.max(...shares));
    const change = excess > 0 ? Math.min(excess, Math.max(1, shares[largest]! >>> 2)) : excess;
    shares[largest]! -= change;
    excess -= change;
  }
  while (shares.at(-1) === 0) shares.pop();
  return { accuracy, shares };
}

/** Bits that the counted symbols take with a distribution, about; infinite when it lacks one. */
export function costInBits(counts: readonly number[], { accuracy, shares }: Distribution): number {
  let bits = 0;
  counts.forEach((count, symbol) => {
    if (count === 0) return;
    const share = Math.abs(shares[symbol] ?? 0);
    bits += count * (accuracy - Math.log2(share));
  });
  return bits;
}

/** The states of an encoder. Symbols are written in the reverse of the order in which they are read. */
export class FseEncoder {
  readonly #accuracy: number;
  /** The next states, for each symbol those that it has, from `#offsets` on. */
  readonly #states: Uint16Array;
  readonly #bitDeltas: Int32Array;
  readonly #offsets: Int32Array;

  constructor(distribution: Distribution) {
    const { accuracy, shares } = distribution;
    const size = 1 << accuracy;
    const symbols = spreadSymbols(distribution);
    const starts: number[] = [];
    let start = 0;
    this.#accuracy = accuracy;
    this.#bitDeltas = new Int32Array(shares.length);
    this.#offsets = new Int32Array(shares.length);
    shares.forEach((share, symbol) => {
      const states = Math.abs(share);
      const bits = states <= 1 ? accuracy : accuracy - highestBit(states - 1);
      // In units of 2^-16: so that adding a state and dropping the fraction gives the bits that it sheds.
      this.#bitDeltas[symbol] = bits * 0x10000 - (states << bits);
      this.#offsets[symbol] = start - states;
      starts.push(start);
      start += states;
    });
    this.#states = new Uint16Array(size);
    symbols.forEach((symbol, state) => {
      this.#states[starts[symbol]!++] = size + state;
    });
  }

  /** The state to begin with, which stands for the last symbol. */
  begin(symbol: number): number {
    const delta = this.#bitDeltas[symbol]!;
    const bits = (delta + 0x8000) >>> 16;
    return this.#states[((bits * 0x10000 - delta) >>> bits) + this.#offsets[symbol]!]!;
  }

  /** Writes what leads from the state for `symbol`, which it returns, to `state`. */
  step(state: number, symbol: number, writer: BitWriter): number {
    const bits = (state + this.#bitDeltas[symbol]!) >>> 16;
    writer.add(state, bits);
    return this.#states[(state >>> bits) + this.#offsets[symbol]!]!;
  }

  /** Writes the first state. */
  end(state: number, writer: BitWriter): void {
    writer.add(state, this.#accuracy);
  }
}
