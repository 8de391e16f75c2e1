import { Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import { unsupportedCompression } from './compression/compression.ts';
import {
  CompressionType,
  CURRENT_MAGIC,
  LAST_COMPRESSION_TYPE,
  MAGIC_POSITION,
  type RecordBatch,
} from './record_batch.ts';
import { batchAt, batchSizeAt } from './split_batches.ts';

/*
 * What a leader refuses of a producer by the batch's header alone, in Kafka's order and with its codes. Three stages,
 * since they happen in different places: the form of the request's records, before the partition is looked at; the
 * batch's bytes, at the log; what the header says, at the log. Timestamps are the log's matter, records that of
 * validate_records.ts.
 */

/** The first version of Produce that may carry zstd (KIP-110). */
const FIRST_VERSION_WITH_ZSTD = 7;

/**
 * The first stage: a partition's records in a Produce request are exactly one batch. What is cut off behind it is
 * ignored.
 * @param produceVersion of the request, 3 or later
 * @returns CORRUPT_MESSAGE when the bytes can't be batches; INVALID_RECORD when they are no whole one, more than one, or
 *   in an old format; UNSUPPORTED_COMPRESSION_TYPE when the version can't carry its codec
 */
export function checkProducedRecords(buffer: Buffer, produceVersion: number): RecordBatch | Failure {
  const sizeBytes = batchSizeAt(buffer, 0);
  if (failed(sizeBytes)) return sizeBytes;
  if (sizeBytes === undefined) {
    return invalid(
      `the ${buffer.length} bytes of records hold no whole record batch; there must be one a partition`,
    );
  }
  const magic = buffer.readInt8(MAGIC_POSITION);
  if (magic !== CURRENT_MAGIC) {
    return invalid(
      `the records are a message set of format ${magic}; Produce ${produceVersion} takes only format 2`,
    );
  }
  const batch = batchAt(buffer, 0) as RecordBatch | Failure;
  if (failed(batch)) return batch;
  if (batch.compression === CompressionType.zstd && produceVersion < FIRST_VERSION_WITH_ZSTD) {
    return new Failure(
      Errors.UNSUPPORTED_COMPRESSION_TYPE,
      `Produce ${produceVersion} can't carry zstd: use version ${FIRST_VERSION_WITH_ZSTD} or later`,
    );
  }
  const second = batchSizeAt(buffer, sizeBytes);
  if (second === undefined) return batch;
  return failed(second)
    ? second
    : invalid('the records are more than one record batch; there must be one a partition');
}

/**
 * The second stage: the batch is whole and not larger than allowed.
 * @param maxSizeBytes the topic's `max.message.bytes`
 */
export function checkProducedBytes(batch: RecordBatch, maxSizeBytes: number): Failure | undefined {
  if (batch.baseOffset !== 0n) {
    return invalid(`the record batch has the base offset ${batch.baseOffset}; a producer's must be 0`);
  }
  if (batch.sizeBytes > maxSizeBytes) {
    return new Failure(
      Errors.MESSAGE_TOO_LARGE,
      `The record batch takes ${batch.sizeBytes} bytes; max.message.bytes of the topic allows ${maxSizeBytes}`,
    );
  }
  if (!batch.isCrcValid()) {
    return new Failure(
      Errors.CORRUPT_MESSAGE,
      `The record batch of ${batch.sizeBytes} bytes fails its checksum (${batch.crc}): it was damaged on its way`,
    );
  }
  return undefined;
}

/**
 * The third stage: what the header says fits together and is a producer's to say.
 * @returns INVALID_RECORD; UNSUPPORTED_COMPRESSION_TYPE for a codec that does not exist
 */
export function checkProducedHeader(batch: RecordBatch): Failure | undefined {
  const { lastOffsetDelta, recordCount } = batch;
  if (lastOffsetDelta < 0 || recordCount <= 0 || recordCount - 1 !== lastOffsetDelta) {
    return invalid(
      `the record batch says that it has ${recordCount} records, and that the last is at ${lastOffsetDelta} from the first`,
    );
  }
  if (batch.compression > LAST_COMPRESSION_TYPE) return unsupportedCompression(batch.compression);
  if (batch.isControl) return invalid('the record batch is a control batch, which only brokers write');
  if (batch.producerId >= 0n && batch.baseSequence < 0) {
    return invalid(
      `the record batch of producer ${batch.producerId} has the sequence number ${batch.baseSequence}; they count from 0`,
    );
  }
  return undefined;
}

function invalid(text: string): Failure {
  return new Failure(Errors.INVALID_RECORD, `Not accepted: ${text}`);
}
