import type { Offset } from '../model/ids.ts';

/** A header of a record: a name, which may be there more than once, with a value. */
export interface RecordHeader {
  readonly key: string;
  readonly value: Buffer | null;
}

/**
 * A record as a batch holds it. Its buffers are views of the batch, or of what the batch decompressed to: copy what
 * outlives them.
 */
export interface Record {
  readonly offset: Offset;
  /** Milliseconds since 1970; -1 for none. The batch's append time where that is the timestamp's type. */
  readonly timestamp: bigint;
  /** Of a producer with an id; else -1. */
  readonly sequence: number;
  readonly key: Buffer | null;
  /** Null is a tombstone in a compacted topic. */
  readonly value: Buffer | null;
  readonly headers: readonly RecordHeader[];
}
