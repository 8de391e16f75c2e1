import { asOffset, type Offset } from '../model/ids.ts';
import { int32At, int64At } from '../records/header_fields.ts';
import {
  BATCH_OVERHEAD_BYTES,
  CURRENT_MAGIC,
  LOG_OVERHEAD_BYTES,
  MAGIC_POSITION,
} from '../records/record_batch.ts';

/*
 * Reads the headers of batches that lie one after the other in a buffer, without making a view of each. The layout is
 * that of records/record_batch.ts.
 */

/**
 * Size in bytes of the batch at `position`, of which at least {@link LOG_OVERHEAD_BYTES} must be there. Below
 * {@link BATCH_OVERHEAD_BYTES} it is none.
 */
export function batchSizeAt(buffer: Buffer, position: number): number {
  return LOG_OVERHEAD_BYTES + int32At(buffer, position + 8);
}

export function baseOffsetAt(buffer: Buffer, position: number): Offset {
  return asOffset(int64At(buffer, position));
}

export function lastOffsetAt(buffer: Buffer, position: number): Offset {
  return asOffset(int64At(buffer, position) + BigInt(int32At(buffer, position + 23)));
}

export function maxTimestampAt(buffer: Buffer, position: number): bigint {
  return int64At(buffer, position + 35);
}

/**
 * Whether a batch of the current format may begin at `position`, judged by the header's own fields; the header
 * must be there whole.
 */
export function isPlausibleHeaderAt(buffer: Buffer, position: number): boolean {
  return (
    batchSizeAt(buffer, position) >= BATCH_OVERHEAD_BYTES &&
    buffer.readInt8(position + MAGIC_POSITION) === CURRENT_MAGIC &&
    int64At(buffer, position) >= 0n &&
    int32At(buffer, position + 23) >= 0
  );
}
