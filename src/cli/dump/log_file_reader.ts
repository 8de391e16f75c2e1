import fs from 'node:fs';
import { type Failure, failed } from '../../model/failure.ts';
import type { RecordBatch } from '../../records/record_batch.ts';
import { batchAt, batchSizeAt } from '../../records/split_batches.ts';

/** Read at once; a larger batch is read whole. */
const CHUNK_BYTES = 1024 * 1024;

export interface ReadBatch {
  /** Where the batch begins in the file. */
  readonly position: number;
  readonly batch: RecordBatch;
}

/** What ends a file before its end. */
export interface BrokenEnd {
  readonly position: number;
  readonly failure: Failure | undefined;
}

/**
 * The batches of a file one after the other, a piece of it in memory at a time; last, if the file does not end with a
 * whole batch, what is there instead.
 */
export function* readBatches(file: string): Generator<ReadBatch | BrokenEnd> {
  const descriptor = fs.openSync(file, 'r');
  try {
    const { size } = fs.fstatSync(descriptor);
    let position = 0;
    let wantedBytes = CHUNK_BYTES;
    while (position < size) {
      const buffer = Buffer.alloc(Math.min(wantedBytes, size - position));
      fs.readSync(descriptor, buffer, 0, buffer.length, position);
      let at = 0;
      for (;;) {
        const batch = batchAt(buffer, at);
        if (failed(batch)) {
          yield { position: position + at, failure: batch };
          return;
        }
        if (batch === undefined) break;
        yield { position: position + at, batch };
        at += batch.sizeBytes;
      }
      const isAtEnd = position + buffer.length >= size;
      if (isAtEnd && at < buffer.length) {
        yield { position: position + at, failure: undefined };
        return;
      }
      position += at;
      wantedBytes = at > 0 ? CHUNK_BYTES : nextSize(buffer, wantedBytes);
    }
  } finally {
    fs.closeSync(descriptor);
  }
}

/** How much to read for the batch that does not fit into what was read. */
function nextSize(buffer: Buffer, readBytes: number): number {
  const size = batchSizeAt(buffer, 0);
  if (typeof size === 'number') return size;
  return buffer.length >= 12 ? 12 + buffer.readInt32BE(8) : readBytes * 2;
}
