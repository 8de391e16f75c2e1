import { Errors } from '../../src/model/error_codes.ts';
import { Failure, failed } from '../../src/model/failure.ts';
import type { Json } from '../../src/protocol/json.ts';
import { checkProducedHeader, checkProducedRecords } from '../../src/records/check_produced.ts';
import { readRecords } from '../../src/records/read_records.ts';
import {
  BATCH_OVERHEAD_BYTES,
  CURRENT_MAGIC,
  MAGIC_POSITION,
  RecordBatch,
} from '../../src/records/record_batch.ts';
import { batchSizeAt } from '../../src/records/split_batches.ts';
import { type RecordRules, validateRecords } from '../../src/records/validate_records.ts';
import { firstDifference, isHex } from './compare.ts';
import { parseExactJson } from './exact_json.ts';

/*
 * Lines of records/invalid.jsonl: bytes that are broken or unusual, and what the stages of Kafka made of them. A code
 * of Kafka's must be ours too; where Kafka has none (-1), any failure is right. Not compared are:
 *
 * - the formats 0 and 1, of which we only know that a producer may not send them;
 * - `file`: that stage takes any magic above 2 for a batch, which we call corrupt as its memory stages do;
 * - `recordsStreaming`: it differs from `records` only in what a codec makes of no bytes and no records.
 */

const PRODUCE_VERSION = 9;
const MAX_RECORD_BYTES = 1 << 20;

interface Outcome {
  readonly ok: boolean;
  readonly result?: Json;
  readonly errorCode?: number;
}

/** A bound of timestamps makes the records be looked at in compressed batches too, as Kafka always does. */
const RULES: RecordRules = {
  needsKeys: false,
  compression: undefined,
  compressionLevel: undefined,
  earliestTimestamp: -(2n ** 63n),
  latestTimestamp: undefined,
  maxRecordBytes: MAX_RECORD_BYTES,
};

/** Where the batches are. */
interface Place {
  readonly start: number;
  readonly sizeBytes: number;
}

type Stage = (bytes: Buffer) => Json | undefined | Failure;

/** What we do at each stage; a result is only compared where there is one. */
const STAGES: Readonly<Record<string, Stage>> = {
  produceRequest: bytes => {
    const batch = checkProducedRecords(bytes, PRODUCE_VERSION);
    return failed(batch) ? batch : undefined;
  },
  batches: bytes => {
    const places = findBatches(bytes);
    if (failed(places)) return places;
    return places.map(({ start, sizeBytes }) => ({
      baseOffset: bytes.readBigInt64BE(start),
      sizeInBytes: sizeBytes,
      magic: bytes.readInt8(start + MAGIC_POSITION),
    }));
  },
  ensureValid: bytes => {
    for (const batch of eachBatch(bytes)) {
      if (failed(batch)) return batch;
      if (!batch.isCrcValid()) return new Failure(Errors.CORRUPT_MESSAGE, 'the checksum is another');
    }
    return undefined;
  },
  records: bytes => {
    let count = 0;
    for (const batch of eachBatch(bytes)) {
      const records = failed(batch) ? batch : readRecords(batch, MAX_RECORD_BYTES);
      if (failed(records)) return records;
      count += records.length;
    }
    return count;
  },
  logValidator: bytes => {
    const batch = checkProducedRecords(bytes, PRODUCE_VERSION);
    if (failed(batch)) return batch;
    const result = checkProducedHeader(batch) ?? validateRecords(batch, RULES);
    return failed(result) ? result : undefined;
  },
};

function findBatches(bytes: Buffer): Place[] | Failure {
  const places: Place[] = [];
  let start = 0;
  for (;;) {
    const sizeBytes = batchSizeAt(bytes, start);
    if (failed(sizeBytes)) return sizeBytes;
    if (sizeBytes === undefined) return places;
    places.push({ start, sizeBytes });
    start += sizeBytes;
  }
}

/** The batches up to the first failure, which is the last: each stage sees a batch before what follows it. */
function* eachBatch(bytes: Buffer): Iterable<RecordBatch | Failure> {
  for (let start = 0; ; ) {
    const sizeBytes = batchSizeAt(bytes, start);
    if (sizeBytes === undefined) return;
    if (!failed(sizeBytes) && sizeBytes >= BATCH_OVERHEAD_BYTES) {
      yield new RecordBatch(bytes.subarray(start, start + sizeBytes));
      start += sizeBytes;
      continue;
    }
    yield failed(sizeBytes)
      ? sizeBytes
      : new Failure(Errors.CORRUPT_MESSAGE, `a batch of ${sizeBytes} bytes`);
    return;
  }
}

/**
 * Checks a line of records/invalid.jsonl: each stage must take or refuse the bytes as Kafka's does.
 * @returns what is wrong, with us or with the line; undefined when nothing is
 */
export function checkInvalidLine(text: string): string | undefined {
  const line = parseExactJson(text) as { readonly [key: string]: Json };
  const { case: name, kafka, hex } = line;
  if (!isHex(hex) || typeof kafka !== 'object') return 'the line has no outcomes or no hex of whole bytes';
  const bytes = Buffer.from(hex, 'hex');
  const outcomes = kafka as unknown as Readonly<Record<string, Outcome>>;
  if (!Object.keys(STAGES).some(stage => outcomes[stage] !== undefined))
    return 'the line has no outcome that we know';
  for (const [stage, run] of Object.entries(STAGES)) {
    const wanted = outcomes[stage];
    if (wanted === undefined || (isOldFormat(bytes) && stage !== 'produceRequest')) continue;
    const problem = differentOutcome(wanted, run(bytes));
    if (problem !== undefined) return `${String(name)}, ${stage}: ${problem}`;
  }
  return undefined;
}

function isOldFormat(bytes: Buffer): boolean {
  const magic = bytes[MAGIC_POSITION];
  return magic !== undefined && magic < CURRENT_MAGIC;
}

function differentOutcome(wanted: Outcome, found: Json | undefined | Failure): string | undefined {
  if (failed(found)) {
    if (wanted.ok) return `refused, where Kafka takes it: ${found.toString()}`;
    const isSame = wanted.errorCode === -1 || wanted.errorCode === found.code;
    return isSame ? undefined : `refused with ${found.code}, not ${wanted.errorCode}: ${found.message}`;
  }
  if (!wanted.ok) return `taken, where Kafka refuses it with ${wanted.errorCode}`;
  return wanted.result === undefined || found === undefined
    ? undefined
    : firstDifference(wanted.result, found);
}
