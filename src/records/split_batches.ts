import { Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import { int32At } from './header_fields.ts';
import {
  BATCH_OVERHEAD_BYTES,
  CURRENT_MAGIC,
  LOG_OVERHEAD_BYTES,
  MAGIC_POSITION,
  RecordBatch,
} from './record_batch.ts';

/*
 * Where batches begin and end in a run of bytes: of a log, of a fetch response. A batch that is cut off at the end is
 * no error: a read ends where its size says, and a crash leaves half-written ones.
 */

/** What a length may be at least: the smallest of the formats before this one, whose batches are stepped over too. */
const MIN_LENGTH = 14;
/** With what goes before it, a batch must not be larger than an int32 can say. */
const MAX_LENGTH = 0x7fffffff - LOG_OVERHEAD_BYTES;
const LENGTH_POSITION = 8;
const MAGIC_END = MAGIC_POSITION + 1;

/**
 * The size of the batch that begins at `position`, or undefined when not all of it is there.
 * @returns CORRUPT_MESSAGE when there can't be a batch
 */
export function batchSizeAt(buffer: Buffer, position: number): number | undefined | Failure {
  const remaining = buffer.length - position;
  if (remaining < LOG_OVERHEAD_BYTES) return undefined;
  const length = int32At(buffer, position + LENGTH_POSITION);
  if (length < MIN_LENGTH || length > MAX_LENGTH) return corrupt(position, `its length is ${length}`);
  if (remaining < MAGIC_END) return undefined;
  const magic = buffer.readInt8(position + MAGIC_POSITION);
  if (magic < 0 || magic > CURRENT_MAGIC) return corrupt(position, `its magic is ${magic}`);
  const sizeBytes = LOG_OVERHEAD_BYTES + length;
  return sizeBytes > remaining ? undefined : sizeBytes;
}

/**
 * The batch that begins at `position`, or undefined when not all of it is there. The checksum is not looked at.
 * @returns CORRUPT_MESSAGE when there can't be a batch; UNSUPPORTED_FOR_MESSAGE_FORMAT for a message set in the
 *   formats 0 and 1, which nothing has written since Kafka 0.11
 */
export function batchAt(buffer: Buffer, position: number): RecordBatch | undefined | Failure {
  const sizeBytes = batchSizeAt(buffer, position);
  if (sizeBytes === undefined || failed(sizeBytes)) return sizeBytes;
  const magic = buffer.readInt8(position + MAGIC_POSITION);
  if (magic !== CURRENT_MAGIC) {
    return new Failure(
      Errors.UNSUPPORTED_FOR_MESSAGE_FORMAT,
      `The bytes at ${position} are a message set of format ${magic}; only format 2, of Kafka 0.11 and later, is read`,
    );
  }
  if (sizeBytes < BATCH_OVERHEAD_BYTES) {
    return corrupt(position, `its size is ${sizeBytes}, below the ${BATCH_OVERHEAD_BYTES} of its header`);
  }
  return new RecordBatch(buffer.subarray(position, position + sizeBytes));
}

function corrupt(position: number, what: string): Failure {
  return new Failure(Errors.CORRUPT_MESSAGE, `There is no record batch at byte ${position}: ${what}`);
}

export interface SplitBatches {
  readonly batches: readonly RecordBatch[];
  /** Where the last whole batch ends: there a cut-off one begins, or what {@link failure} tells of. */
  readonly endPosition: number;
  readonly failure: Failure | undefined;
}

/** Splits a run of bytes into its whole batches, as far as there are some. Nothing is copied. */
export function splitBatches(buffer: Buffer): SplitBatches {
  const batches: RecordBatch[] = [];
  let endPosition = 0;
  for (;;) {
    const batch = batchAt(buffer, endPosition);
    if (batch === undefined) return { batches, endPosition, failure: undefined };
    if (failed(batch)) return { batches, endPosition, failure: batch };
    batches.push(batch);
    endPosition += batch.sizeBytes;
  }
}
