import { Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import type { LeaderEpoch, Offset } from '../model/ids.ts';
import { checkProducedBytes, checkProducedHeader } from '../records/check_produced.ts';
import { eachRecord } from '../records/read_records.ts';
import type { RecordBatch } from '../records/record_batch.ts';
import { splitBatches } from '../records/split_batches.ts';
import { endMarkerOf } from './batch_effects.ts';
import type { LogConfig } from './log_config.ts';
import type { AppendOrigin, ProducerState, RememberedBatch } from './producer_state.ts';
import { NO_TIMESTAMP } from './time_index.ts';

/** What a batch may decompress to when a topic's settings want its records looked at. */
export const MAX_CHECKED_BYTES = 128 * 1024 * 1024;

/** Batches that a leader appends, or the one that was appended before. */
export interface CheckedBatches {
  readonly batches: readonly RecordBatch[];
  readonly duplicate: RememberedBatch | undefined;
}

/** Whether a leader takes the batches, and whether it has them already. Nothing is changed. */
export function checkLeaderBatches(
  records: Buffer,
  { origin, config, nowMs, producers }: LeaderCheckOptions,
): CheckedBatches | Failure {
  const { batches, endPosition, failure } = splitBatches(records);
  if (failure !== undefined) return failure;
  if (batches.length === 0 || endPosition < records.length || (origin === 'client' && batches.length > 1)) {
    return new Failure(
      Errors.INVALID_RECORD,
      `The ${records.length} bytes of records are not what is appended at once: one whole batch of a client, some of a broker`,
    );
  }
  for (const batch of batches) {
    const refused = checkLeaderBatch(batch, origin, config, nowMs);
    if (refused !== undefined) return refused;
  }
  if (records.length > config.segmentBytes) {
    return new Failure(
      Errors.RECORD_LIST_TOO_LARGE,
      `The records take ${records.length} bytes; segment.bytes of the topic allows ${config.segmentBytes}`,
    );
  }
  for (const batch of batches) {
    const checked = checkProducer(batch, origin, producers);
    if (failed(checked)) return checked;
    if (checked !== undefined) return { batches, duplicate: checked };
  }
  return { batches, duplicate: undefined };
}

export interface LeaderCheckOptions {
  readonly origin: AppendOrigin;
  readonly config: LogConfig;
  readonly nowMs: number;
  readonly producers: ProducerState;
}

function checkProducer(
  batch: RecordBatch,
  origin: AppendOrigin,
  producers: ProducerState,
): RememberedBatch | Failure | undefined {
  if (batch.producerId < 0n) return undefined;
  if (!batch.isControl) return producers.check(batch, origin);
  const marker = endMarkerOf(batch);
  return marker === undefined ? undefined : producers.checkMarker(batch, marker);
}

/** Batches of a leader that a follower appends, and the bytes that they are. */
export interface AcceptedBatches {
  readonly chunk: Buffer;
  readonly batches: readonly RecordBatch[];
}

/**
 * The batches that follow on the log's end: whole, with good checksums, their offsets rising. They end before a batch
 * that is cut off, and before one of a newer epoch than that of the leader.
 */
export function acceptFollowerBatches(
  records: Buffer,
  endOffset: Offset,
  leaderEpoch: LeaderEpoch,
): AcceptedBatches | Failure {
  const split = splitBatches(records);
  if (split.failure !== undefined) return split.failure;
  const batches: RecordBatch[] = [];
  let sizeBytes = 0;
  let nextOffset = endOffset;
  for (const batch of split.batches) {
    if (batch.partitionLeaderEpoch > leaderEpoch) break;
    if (!batch.isCrcValid()) {
      return new Failure(
        Errors.CORRUPT_MESSAGE,
        `The fetched record batch at offset ${batch.baseOffset} fails its checksum: it was damaged at the leader or on its way`,
      );
    }
    if (batch.baseOffset < nextOffset || batch.lastOffsetDelta < 0) {
      return new Failure(
        Errors.OFFSET_OUT_OF_RANGE,
        `The fetched record batch has the offsets ${batch.baseOffset} to ${batch.lastOffset} where ${nextOffset} is the next`,
      );
    }
    batches.push(batch);
    sizeBytes += batch.sizeBytes;
    nextOffset = batch.nextOffset;
  }
  return { chunk: records.subarray(0, sizeBytes), batches };
}

/** Parts that fit into a segment each; a batch that alone does not fit is a part of its own. */
export function* splitForSegments(
  accepted: AcceptedBatches,
  segmentBytes: number,
): Iterable<AcceptedBatches> {
  const { chunk, batches } = accepted;
  let first = 0;
  let from = 0;
  let to = 0;
  for (const [index, batch] of batches.entries()) {
    if (index > first && to + batch.sizeBytes - from > segmentBytes) {
      yield { chunk: chunk.subarray(from, to), batches: batches.slice(first, index) };
      first = index;
      from = to;
    }
    to += batch.sizeBytes;
  }
  if (batches.length > 0) yield { chunk: chunk.subarray(from, to), batches: batches.slice(first) };
}

/**
 * Whether a leader takes the batch, before the state of the log is looked at. Records are looked at only where a
 * setting asks for it: keys in compacted topics, the lower bound of timestamps where one is set.
 */
function checkLeaderBatch(
  batch: RecordBatch,
  origin: AppendOrigin,
  config: LogConfig,
  nowMs: number,
): Failure | undefined {
  if (origin !== 'client') return checkSize(batch, origin, config);
  return (
    checkProducedBytes(batch, config.maxMessageBytes) ??
    checkProducedHeader(batch) ??
    checkTimestampType(batch, config) ??
    checkLatest(batch, config, nowMs) ??
    checkRecords(batch, config, nowMs)
  );
}

function checkSize(batch: RecordBatch, origin: AppendOrigin, config: LogConfig): Failure | undefined {
  // What the quorum's leader appends is bounded by the quorum itself.
  if (origin === 'raft' || batch.sizeBytes <= config.maxMessageBytes) return undefined;
  return new Failure(
    Errors.MESSAGE_TOO_LARGE,
    `The record batch takes ${batch.sizeBytes} bytes; max.message.bytes of the topic allows ${config.maxMessageBytes}`,
  );
}

function checkTimestampType(batch: RecordBatch, config: LogConfig): Failure | undefined {
  if (config.messageTimestampType === 'LogAppendTime' || !batch.isLogAppendTime) return undefined;
  return new Failure(
    Errors.INVALID_TIMESTAMP,
    'The record batch says that its timestamps are the time of the append, which only the broker may set',
  );
}

function checkLatest(batch: RecordBatch, config: LogConfig, nowMs: number): Failure | undefined {
  if (config.messageTimestampType === 'LogAppendTime') return undefined;
  const latest = BigInt(nowMs) + limitOf(config.messageTimestampAfterMaxMs);
  return batch.maxTimestamp > latest ? outOfBounds(batch.maxTimestamp, config, nowMs) : undefined;
}

function checkRecords(batch: RecordBatch, config: LogConfig, nowMs: number): Failure | undefined {
  const needsKeys = config.cleanupPolicy.compact;
  const hasEarliest =
    config.messageTimestampType === 'CreateTime' &&
    config.messageTimestampBeforeMaxMs < Number.MAX_SAFE_INTEGER;
  if (!needsKeys && !hasEarliest) return undefined;
  const earliest = BigInt(nowMs) - limitOf(config.messageTimestampBeforeMaxMs);
  let failure: Failure | undefined;
  const malformed = eachRecord(batch, MAX_CHECKED_BYTES, record => {
    if (needsKeys && !record.hasKey) {
      failure = new Failure(
        Errors.INVALID_RECORD,
        `Record ${record.index} of the batch has no key, which a compacted topic demands`,
      );
    } else if (hasEarliest && record.timestamp !== NO_TIMESTAMP && record.timestamp < earliest) {
      failure = outOfBounds(record.timestamp, config, nowMs);
    }
    return failure === undefined;
  });
  return failure ?? malformed;
}

/** The setting as a whole number of milliseconds; the largest ones are not exact, and mean without limit. */
function limitOf(settingMs: number): bigint {
  return BigInt(Math.min(settingMs, Number.MAX_SAFE_INTEGER));
}

function outOfBounds(timestamp: bigint, config: LogConfig, nowMs: number): Failure {
  return new Failure(
    Errors.INVALID_TIMESTAMP,
    `The timestamp ${timestamp} is out of bounds at ${nowMs}: message.timestamp.before.max.ms of the topic is ${config.messageTimestampBeforeMaxMs}, message.timestamp.after.max.ms is ${config.messageTimestampAfterMaxMs}`,
  );
}
