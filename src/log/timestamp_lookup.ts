import { Failure } from '../model/failure.ts';
import { type LeaderEpoch, maxOffset, minOffset, type Offset } from '../model/ids.ts';
import { MAX_RECORD_BYTES } from '../model/limits.ts';
import { eachRecord } from '../records/read_records.ts';
import { RecordBatch } from '../records/record_batch.ts';
import { batchSizeAt, maxTimestampAt } from './batch_headers.ts';
import { readSegments } from './log_reader.ts';
import type { SegmentList } from './segment_list.ts';
import { NO_TIMESTAMP } from './time_index.ts';

/** Bytes of one read of a search. */
const SEARCH_READ_BYTES = 256 * 1024;

/** A record that was looked for by its timestamp. */
export interface FoundTimestamp {
  readonly timestamp: bigint;
  readonly offset: Offset;
  readonly leaderEpoch: LeaderEpoch;
}

interface SearchRange {
  readonly startOffset: Offset;
  readonly endOffset: Offset;
}

/**
 * The first record from `startOffset` on whose timestamp is `timestamp` or later; undefined when there is none.
 * @throws {DiskError}
 */
export async function findTimestamp(
  segments: SegmentList,
  timestamp: bigint,
  range: SearchRange,
): Promise<FoundTimestamp | undefined | Failure> {
  for (const segment of segments.from(range.startOffset)) {
    if ((await segment.largestTimestamp()).timestamp < timestamp) continue;
    const index = await segment.timeIndex();
    const startOffset = maxOffset(index.lookup(timestamp), range.startOffset);
    const endOffset = minOffset(segment.endOffset, range.endOffset);
    const found = await search(
      segments,
      { startOffset, endOffset },
      maxTimestamp => maxTimestamp >= timestamp,
      record => record.timestamp >= timestamp && record.offset >= range.startOffset,
    );
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * The first record that has the largest timestamp of the log (KIP-734); undefined when no record has one.
 * @throws {DiskError}
 */
export async function findMaxTimestamp(
  segments: SegmentList,
  range: SearchRange,
): Promise<FoundTimestamp | undefined | Failure> {
  let largest = NO_TIMESTAMP;
  let offset: Offset | undefined;
  for (const segment of segments.from(range.startOffset)) {
    const last = await segment.largestTimestamp();
    if (last.timestamp <= largest) continue;
    largest = last.timestamp;
    offset = last.offset;
  }
  if (offset === undefined) return undefined;
  return search(
    segments,
    { startOffset: offset, endOffset: range.endOffset },
    maxTimestamp => maxTimestamp === largest,
    record => record.timestamp === largest,
  );
}

/** The first record that `isWanted`, in the batches whose largest timestamp `mayHold` it. */
async function search(
  segments: SegmentList,
  range: SearchRange,
  mayHold: (maxTimestamp: bigint) => boolean,
  isWanted: (record: { readonly timestamp: bigint; readonly offset: Offset }) => boolean,
): Promise<FoundTimestamp | undefined | Failure> {
  let { startOffset } = range;
  while (startOffset < range.endOffset) {
    const bounds = { maxBytes: SEARCH_READ_BYTES, upTo: range.endOffset, minOneBatch: true };
    const read = await readSegments(segments, startOffset, bounds);
    if (read instanceof Failure) return read;
    if (read.sizeBytes === 0) return undefined;
    for (const chunk of read.chunks) {
      for (let at = 0; at < chunk.length; at += batchSizeAt(chunk, at)) {
        if (!mayHold(maxTimestampAt(chunk, at))) continue;
        const found = searchBatch(new RecordBatch(chunk.subarray(at, at + batchSizeAt(chunk, at))), isWanted);
        if (found !== undefined) return found;
      }
    }
    startOffset = read.nextOffset;
  }
  return undefined;
}

function searchBatch(
  batch: RecordBatch,
  isWanted: (record: { readonly timestamp: bigint; readonly offset: Offset }) => boolean,
): FoundTimestamp | undefined | Failure {
  let found: FoundTimestamp | undefined;
  const failure = eachRecord(batch, MAX_RECORD_BYTES, record => {
    if (!isWanted(record)) return true;
    const { timestamp, offset } = record;
    found = { timestamp, offset, leaderEpoch: batch.partitionLeaderEpoch };
    return false;
  });
  return found ?? failure;
}
