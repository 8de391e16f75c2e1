import { Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import { Malformed } from '../protocol/malformed.ts';
import { decompress } from './compression/compression.ts';
import type { Record } from './record.ts';
import type { RecordBatch } from './record_batch.ts';
import { RecordView } from './record_view.ts';

/**
 * The records of a batch as bytes, decompressed.
 * @param maxBytes how much they may decompress to
 * @returns the failures of {@link decompress}
 */
export function recordBytes(batch: RecordBatch, maxBytes: number): Buffer | Failure {
  return decompress(batch.compression, batch.payload, maxBytes);
}

/**
 * Calls `visit` with each record in order, the view that it gets being valid until it returns; ends when `visit`
 * returns false. The checksum is not looked at.
 * @param maxBytes how much the batch may decompress to
 * @returns INVALID_RECORD when the bytes are not the records that the header declares, after those before the fault
 *   were visited; MESSAGE_TOO_LARGE when they would take more than `maxBytes`; else undefined
 */
export function eachRecord(
  batch: RecordBatch,
  maxBytes: number,
  visit: (record: RecordView) => unknown,
): Failure | undefined {
  // A batch that declares no records has none, whatever its codec makes of no bytes: compaction leaves such batches.
  if (batch.recordCount === 0) return undefined;
  const bytes = recordBytes(batch, maxBytes);
  return failed(bytes) ? bytes : eachRecordOf(batch, bytes, visit);
}

/** The same with the records' bytes, decompressed. */
export function eachRecordOf(
  batch: RecordBatch,
  bytes: Buffer,
  visit: (record: RecordView) => unknown,
): Failure | undefined {
  let record: RecordView;
  try {
    record = new RecordView(batch, bytes);
    if (!record.advance()) return undefined;
  } catch (error) {
    return recordFailure(batch, error);
  }
  while (visit(record) !== false) {
    try {
      if (!record.advance()) return undefined;
    } catch (error) {
      return recordFailure(batch, error);
    }
  }
  return undefined;
}

/** All records of a batch at once: {@link eachRecord}, and its failures, for batches that are known to be small. */
export function readRecords(batch: RecordBatch, maxBytes: number): Record[] | Failure {
  const records: Record[] = [];
  const failure = eachRecord(batch, maxBytes, record => records.push(record.toRecord()));
  return failure ?? records;
}

function recordFailure(batch: RecordBatch, error: unknown): Failure {
  if (!(error instanceof Malformed)) throw error;
  return new Failure(
    Errors.INVALID_RECORD,
    `The record batch of ${batch.sizeBytes} bytes with base offset ${batch.baseOffset} is malformed: ${error.message}`,
  );
}
