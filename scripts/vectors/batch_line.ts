import { failed } from '../../src/model/failure.ts';
import type { Json } from '../../src/protocol/json.ts';
import { buildBatch, type RecordInput } from '../../src/records/build_batch.ts';
import {
  buildControlBatch,
  type ControlRecordInput,
  readControlRecord,
} from '../../src/records/control_records.ts';
import { eachRecord } from '../../src/records/read_records.ts';
import { CompressionType, type RecordBatch } from '../../src/records/record_batch.ts';
import type { RecordView } from '../../src/records/record_view.ts';
import { batchAt } from '../../src/records/split_batches.ts';
import { differentBytes, firstDifference, isHex } from './compare.ts';
import { parseExactJson } from './exact_json.ts';

/** More than any batch of the vectors takes. */
const MAX_RECORD_BYTES = 1 << 28;
const COMPRESSION_NAMES: readonly string[] = Object.keys(CompressionType);

/** A batch in the JSON of the vectors, or what keeps it from that. */
function batchToJson(batch: RecordBatch): Record<string, Json> | string {
  const records: Json[] = [];
  let problem: string | undefined;
  const failure = eachRecord(batch, MAX_RECORD_BYTES, record => {
    const json = recordToJson(record, batch.isControl);
    if (typeof json === 'string') problem = json;
    else records.push(json);
    return problem === undefined;
  });
  if (problem !== undefined || failure !== undefined) return problem ?? failure!.message;
  return {
    baseOffset: batch.baseOffset,
    batchLength: batch.sizeBytes - 12,
    partitionLeaderEpoch: batch.partitionLeaderEpoch,
    magic: batch.magic,
    crc: batch.crc,
    attributes: batch.attributes,
    compression: COMPRESSION_NAMES[batch.compression]!,
    timestampType: batch.isLogAppendTime ? 'LogAppendTime' : 'CreateTime',
    isTransactional: batch.isTransactional,
    isControl: batch.isControl,
    ...(batch.hasDeleteHorizon && { deleteHorizonMs: batch.baseTimestamp }),
    lastOffsetDelta: batch.lastOffsetDelta,
    baseTimestamp: batch.baseTimestamp,
    maxTimestamp: batch.maxTimestamp,
    producerId: batch.producerId,
    producerEpoch: batch.producerEpoch,
    baseSequence: batch.baseSequence,
    recordsCount: batch.recordCount,
    lastOffset: batch.lastOffset,
    lastSequence: batch.lastSequence,
    records,
  };
}

function recordToJson(record: RecordView, isControl: boolean): Json | string {
  const { offset, timestamp, sequence, key, value, headers } = record;
  const json = {
    offset,
    timestamp,
    ...(sequence >= 0 && { sequence }),
    key: toBase64(key),
    value: toBase64(value),
    headers: headers.map(header => ({ key: header.key, value: toBase64(header.value) })),
  };
  if (!isControl) return json;
  const control = readControlRecord(record);
  if (failed(control)) return control.message;
  const { type } = control;
  return 'coordinatorEpoch' in control
    ? { ...json, controlType: type, coordinatorEpoch: control.coordinatorEpoch }
    : { ...json, controlType: type };
}

function toBase64(bytes: Buffer | null): string | null {
  return bytes === null ? null : bytes.toString('base64');
}

/** The batch built anew from its records and header. */
function rebuild(batch: RecordBatch): RecordBatch {
  const records: RecordInput[] = [];
  eachRecord(batch, MAX_RECORD_BYTES, ({ offset, createTimestamp, key, value, headers }) => {
    records.push({ offset, timestamp: createTimestamp, key, value, headers });
  });
  return buildBatch(records, {
    baseOffset: batch.baseOffset,
    lastOffset: batch.lastOffset,
    leaderEpoch: batch.partitionLeaderEpoch,
    compression: batch.compression,
    ...(batch.isLogAppendTime && { logAppendTimeMs: batch.maxTimestamp }),
    ...(batch.hasDeleteHorizon && { deleteHorizonMs: batch.baseTimestamp }),
    ...(records.length === 0 && { maxTimestamp: batch.maxTimestamp }),
    producerId: batch.producerId,
    producerEpoch: batch.producerEpoch,
    baseSequence: batch.baseSequence,
    isTransactional: batch.isTransactional,
    isControl: batch.isControl,
  });
}

/**
 * Checks a line of records/batches.jsonl: reads the batch, compares with its JSON, builds it again and compares the
 * bytes; where they are compressed, what reads back from them.
 * @returns what is wrong, with us or with the line; undefined when nothing is
 */
export function checkBatchLine(text: string): string | undefined {
  const line = parseExactJson(text) as { readonly [key: string]: Json };
  const { case: name, json, hex } = line;
  if (!isHex(hex) || json === undefined) return 'the line has no json or no hex of whole bytes';
  const problem = checkBatch(Buffer.from(hex, 'hex'), json);
  return problem && `${String(name)}: ${problem}`;
}

function checkBatch(bytes: Buffer, json: Json): string | undefined {
  const batch = batchAt(bytes, 0);
  if (batch === undefined) return 'the batch is cut off';
  if (failed(batch)) return batch.message;
  if (batch.sizeBytes !== bytes.length) return `${bytes.length - batch.sizeBytes} bytes follow the batch`;
  if (!batch.isCrcValid()) return 'the checksum is another';
  const read = batchToJson(batch);
  if (typeof read === 'string') return read;
  const difference = firstDifference(json, read);
  if (difference !== undefined) return `read: ${difference}`;
  const built = rebuild(batch);
  if (batch.compression === CompressionType.none) {
    return differentBytes('records', bytes, built.buffer) ?? checkControl(batch);
  }
  const again = batchToJson(built);
  if (typeof again === 'string') return `built and read again: ${again}`;
  const changed = firstDifference(withoutSizes(read), withoutSizes(again));
  return changed && `built and read again: ${changed}`;
}

/** Builds a control batch from what its records mean. */
function checkControl(batch: RecordBatch): string | undefined {
  if (!batch.isControl) return undefined;
  const records: ControlRecordInput[] = [];
  eachRecord(batch, MAX_RECORD_BYTES, record => {
    const control = readControlRecord(record);
    if (!failed(control) && control.type !== 'UNKNOWN') records.push(control);
  });
  const { baseOffset, producerId, producerEpoch, isTransactional, buffer } = batch;
  const built = buildControlBatch(records, {
    baseOffset,
    producerId,
    producerEpoch,
    isTransactional,
    leaderEpoch: batch.partitionLeaderEpoch,
    timestamp: batch.baseTimestamp,
  });
  return differentBytes('control records', buffer, built.buffer);
}

/** Without what depends on how well the records are compressed. */
function withoutSizes({ batchLength, crc, ...rest }: Record<string, Json>): Json {
  return rest;
}
