import { assert } from '../model/assert.ts';
import { Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import { asOffset, type Offset } from '../model/ids.ts';
import { MAX_QUORUM_BATCH_BYTES } from '../model/limits.ts';
import { buildBatch, type RecordInput } from '../records/build_batch.ts';
import { buildControlBatch, type ControlRecordInput, readControlRecord } from '../records/control_records.ts';
import { eachRecord, readRecords } from '../records/read_records.ts';
import { BATCH_OVERHEAD_BYTES, LOG_OVERHEAD_BYTES, type RecordBatch } from '../records/record_batch.ts';
import { batchAt } from '../records/split_batches.ts';
import type { OffsetAndEpoch } from './offset_and_epoch.ts';
import type { VoterSet } from './voter_set.ts';

/*
 * What a snapshot holds (KIP-630): a batch of control records that begins with SnapshotHeader and goes on with the
 * quorum's version and voters where the log has them (KIP-853), batches of records, and a batch with SnapshotFooter.
 * Offsets count from 0 and mean nothing. `bootstrap.checkpoint`, which a directory is formatted with, is the same.
 */

/** A batch of records is closed before it grows above this size. */
const BATCH_TARGET_BYTES = 512 * 1024;
const READ_BYTES = 1024 * 1024;
/** A record's fields besides its value, at most. */
const RECORD_OVERHEAD_BYTES = 32;

export interface SnapshotContent {
  readonly id: OffsetAndEpoch;
  readonly kraftVersion: number;
  /** Undefined where the log names none. */
  readonly voters: VoterSet | undefined;
  /** When the last record that the snapshot stands for was appended, wall clock; 0 when there is none. */
  readonly lastContainedLogTimestamp: bigint;
  /** Now, wall clock. */
  readonly timestamp: bigint;
  readonly values: Iterable<Buffer>;
}

/** The batches of a snapshot, in order. */
export function* snapshotBatches(content: SnapshotContent): Generator<Buffer, void> {
  const { id, timestamp } = content;
  let baseOffset = asOffset(0n);
  const control = (records: ControlRecordInput[]): Buffer => {
    const batch = buildControlBatch(records, { timestamp, baseOffset, leaderEpoch: id.epoch });
    baseOffset = batch.nextOffset;
    return batch.buffer;
  };
  const header: ControlRecordInput[] = [
    {
      type: 'SNAPSHOT_HEADER',
      value: { version: 0, lastContainedLogTimestamp: content.lastContainedLogTimestamp },
    },
  ];
  if (content.kraftVersion > 0) {
    header.push({ type: 'KRAFT_VERSION', value: { version: 0, kRaftVersion: content.kraftVersion } });
    if (content.voters !== undefined) header.push({ type: 'KRAFT_VOTERS', value: content.voters.toRecord() });
  }
  yield control(header);
  let records: RecordInput[] = [];
  let sizeBytes = 0;
  const close = (): Buffer => {
    const batch = buildBatch(records, { baseOffset, leaderEpoch: id.epoch });
    baseOffset = batch.nextOffset;
    records = [];
    sizeBytes = 0;
    return batch.buffer;
  };
  for (const value of content.values) {
    const recordBytes = value.length + RECORD_OVERHEAD_BYTES;
    assert(BATCH_OVERHEAD_BYTES + recordBytes <= MAX_QUORUM_BATCH_BYTES, `a record of ${value.length} bytes`);
    if (records.length > 0 && sizeBytes + recordBytes > BATCH_TARGET_BYTES) yield close();
    records.push({ timestamp, key: null, value });
    sizeBytes += recordBytes;
  }
  if (records.length > 0) yield close();
  yield control([{ type: 'SNAPSHOT_FOOTER', value: { version: 0 } }]);
}

/** A file of batches, however it is reached. */
export interface BatchFile {
  /** For messages. */
  readonly name: string;
  readonly sizeBytes: number;
  read(position: number, length: number): Promise<Buffer | Failure>;
}

/**
 * Reads a snapshot and calls `visit` with each batch; ends at the first failure, of `visit` too.
 * @returns CORRUPT_MESSAGE when it is not whole or fails a checksum; KAFKA_STORAGE_ERROR
 */
export async function readSnapshot(
  file: BatchFile,
  visit: (batch: RecordBatch) => Failure | undefined,
): Promise<Failure | undefined> {
  let window: Buffer = Buffer.alloc(0);
  let windowStart = 0;
  let position = 0;
  let last: RecordBatch | undefined;
  while (position < file.sizeBytes) {
    let batch = batchAt(window, position - windowStart);
    if (batch === undefined) {
      const bytes = await readBatchAt(file, position);
      if (failed(bytes)) return bytes;
      window = bytes;
      windowStart = position;
      batch = batchAt(window, 0);
    }
    if (batch === undefined) return corrupt(file, position, 'a batch is cut off');
    if (failed(batch)) return corrupt(file, position, batch.message);
    if (!batch.isCrcValid()) return corrupt(file, position, 'a batch fails its checksum');
    if (position === 0 && !startsWith(batch, 'SNAPSHOT_HEADER')) {
      return corrupt(file, position, 'there is no header');
    }
    const failure = visit(batch);
    if (failure !== undefined) return failure;
    position += batch.sizeBytes;
    last = batch;
  }
  if (last === undefined || !startsWith(last, 'SNAPSHOT_FOOTER')) {
    return corrupt(file, position, 'there is no footer');
  }
  return undefined;
}

/** The batch that begins at `position`, and what is behind it as it comes; less where the file ends. */
async function readBatchAt(file: BatchFile, position: number): Promise<Buffer | Failure> {
  const bytes = await file.read(position, READ_BYTES);
  if (failed(bytes) || bytes.length < LOG_OVERHEAD_BYTES) return bytes;
  const batchBytes = LOG_OVERHEAD_BYTES + bytes.readInt32BE(8);
  if (batchBytes > MAX_QUORUM_BATCH_BYTES) return corrupt(file, position, `a batch of ${batchBytes} bytes`);
  return batchBytes <= bytes.length ? bytes : await file.read(position, batchBytes);
}

function startsWith(batch: RecordBatch, type: 'SNAPSHOT_HEADER' | 'SNAPSHOT_FOOTER'): boolean {
  if (!batch.isControl) return false;
  const records = readRecords(batch, MAX_QUORUM_BATCH_BYTES);
  if (failed(records) || records[0] === undefined) return false;
  const control = readControlRecord(records[0]);
  return !failed(control) && control.type === type;
}

/**
 * The values of a batch's records, as views of it; none for a control batch.
 * @param upTo the first offset that is left out
 */
export function batchValues(batch: RecordBatch, upTo?: Offset): Buffer[] | Failure {
  if (batch.isControl) return [];
  const values: Buffer[] = [];
  let failure: Failure | undefined;
  const malformed = eachRecord(batch, MAX_QUORUM_BATCH_BYTES, record => {
    if (upTo !== undefined && record.offset >= upTo) return false;
    if (record.value === null) {
      failure = new Failure(
        Errors.INVALID_RECORD,
        `The record at offset ${record.offset} of the metadata log has no value`,
      );
      return false;
    }
    values.push(record.value);
    return true;
  });
  return malformed ?? failure ?? values;
}

/** Reads all the values of a snapshot. @returns as {@link readSnapshot} */
export async function readSnapshotValues(file: BatchFile): Promise<Buffer[] | Failure> {
  const all: Buffer[] = [];
  const failure = await readSnapshot(file, batch => {
    const values = batchValues(batch);
    if (failed(values)) return values;
    for (const value of values) all.push(value);
    return undefined;
  });
  return failure ?? all;
}

function corrupt(file: BatchFile, position: number, what: string): Failure {
  return new Failure(
    Errors.CORRUPT_MESSAGE,
    `The snapshot ${file.name} can't be used: ${what} at byte ${position}`,
  );
}
