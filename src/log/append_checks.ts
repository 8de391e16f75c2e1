import { Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import type { LeaderEpoch, Offset } from '../model/ids.ts';
import { checkProducedBytes, checkProducedHeader } from '../records/check_produced.ts';
import type { RecordBatch } from '../records/record_batch.ts';
import { splitBatches } from '../records/split_batches.ts';
import { validateRecords } from '../records/validate_records.ts';
import { endMarkerOf } from './batch_effects.ts';
import type { LogConfig } from './log_config.ts';
import type { AppendOrigin, ProducerState, RememberedBatch } from './producer_state.ts';
import { recordRules } from './record_rules.ts';

/** Batches that a leader appends and the bytes that they are, or the one that was appended before. */
export interface CheckedBatches {
  readonly chunk: Buffer;
  readonly batches: readonly RecordBatch[];
  readonly duplicate: RememberedBatch | undefined;
}

/**
 * Whether a leader takes the batches, and whether it has them already. A client's batch may be another than it sent:
 * where the topic's settings want it so.
 */
export function checkLeaderBatches(
  records: Buffer,
  { origin, config, nowMs, producers }: LeaderCheckOptions,
): CheckedBatches | Failure {
  const split = splitBatches(records);
  if (split.failure !== undefined) return split.failure;
  const { endPosition } = split;
  const count = split.batches.length;
  if (count === 0 || endPosition < records.length || (origin === 'client' && count > 1)) {
    return new Failure(
      Errors.INVALID_RECORD,
      `The ${records.length} bytes of records are not what is appended at once: one whole batch of a client, some of a broker`,
    );
  }
  const taken =
    origin === 'client'
      ? takeClientBatch(split.batches[0]!, config, nowMs)
      : takeBrokerBatches(split.batches, origin, config);
  if (failed(taken)) return taken;
  const isSame = taken[0] === split.batches[0];
  const chunk = isSame ? records : taken[0]!.buffer;
  if (chunk.length > config.segmentBytes) {
    return new Failure(
      Errors.RECORD_LIST_TOO_LARGE,
      `The records take ${chunk.length} bytes; segment.bytes of the topic allows ${config.segmentBytes}`,
    );
  }
  for (const batch of taken) {
    const checked = checkProducer(batch, origin, producers);
    if (failed(checked)) return checked;
    if (checked !== undefined) return { chunk, batches: taken, duplicate: checked };
  }
  return { chunk, batches: taken, duplicate: undefined };
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

/** A client's batch as it is appended, before the state of the log is looked at. */
function takeClientBatch(
  batch: RecordBatch,
  config: LogConfig,
  nowMs: number,
): readonly RecordBatch[] | Failure {
  const refused =
    checkProducedBytes(batch, config.maxMessageBytes) ??
    checkProducedHeader(batch) ??
    checkTimestampType(batch, config);
  if (refused !== undefined) return refused;
  const valid = validateRecords(batch, recordRules(config, nowMs));
  if (failed(valid)) return valid;
  // Compressed otherwise it may have grown.
  return checkSize(valid, config) ?? [valid];
}

function takeBrokerBatches(
  batches: readonly RecordBatch[],
  origin: AppendOrigin,
  config: LogConfig,
): readonly RecordBatch[] | Failure {
  // What the quorum's leader appends is bounded by the quorum itself.
  if (origin === 'raft') return batches;
  for (const batch of batches) {
    const refused = checkSize(batch, config);
    if (refused !== undefined) return refused;
  }
  return batches;
}

function checkSize(batch: RecordBatch, config: LogConfig): Failure | undefined {
  if (batch.sizeBytes <= config.maxMessageBytes) return undefined;
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
