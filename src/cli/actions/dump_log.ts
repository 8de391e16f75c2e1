import fs from 'node:fs';
import path from 'node:path';
import { FileSuffix, parseSegmentFileName } from '../../log/file_names.ts';
import { Errors } from '../../model/error_codes.ts';
import { Failure, failed } from '../../model/failure.ts';
import { MAX_RECORD_BYTES } from '../../model/limits.ts';
import { readControlRecord } from '../../records/control_records.ts';
import { readRecords } from '../../records/read_records.ts';
import type { Record as LogRecord } from '../../records/record.ts';
import { CompressionType, type RecordBatch } from '../../records/record_batch.ts';
import type { CommandContext } from '../command_context.ts';
import { decodeStored, kindOfPath, STORED_KINDS, type StoredKind } from '../dump/decode_stored.ts';
import {
  type DumpedEntries,
  dumpOffsetIndex,
  dumpProducerSnapshot,
  dumpTimeIndex,
  dumpTransactionIndex,
} from '../dump/index_files.ts';
import { readBatches } from '../dump/log_file_reader.ts';
import { ExitCode, Misuse } from '../exit_codes.ts';
import { toJson } from '../output/json.ts';
import { formatTime } from '../output/units.ts';
import { parseCount } from '../parse.ts';
import { asText } from '../records/record_text.ts';
import type { Action } from '../run_action.ts';

interface Options {
  readonly records?: boolean;
  readonly values?: boolean;
  readonly decode?: string;
  readonly count?: string;
}

/** What to show of each file. */
interface Wish {
  readonly hasRecords: boolean;
  readonly hasValues: boolean;
  readonly kind: StoredKind | undefined;
  readonly maxCount: number;
}

const COMPRESSION_NAMES = new Map(Object.entries(CompressionType).map(([name, type]) => [type, name]));
/** Quorum's snapshots are files of batches; other checkpoints are text. */
const SNAPSHOT_NAME = /^\d{20}-\d{10}\.checkpoint/;

export const dumpLog: Action<[files: string[]], Options> = async (context, [files], options) => {
  const { count, decode, records = false, values = false } = options;
  if (values && !records) return new Misuse('--values is for --records');
  const kind = STORED_KINDS.find(each => each === decode);
  if (decode !== undefined && kind === undefined) {
    return new Misuse(`--decode is one of ${STORED_KINDS.join(', ')}, not "${decode}"`);
  }
  const maxCount = count === undefined ? Infinity : parseCount(count, '-n');
  if (failed(maxCount)) return maxCount;
  let hasProblem = false;
  for (const file of files) {
    const resolved = path.resolve(file);
    const wish = { hasRecords: records, hasValues: values, kind: kind ?? kindOfPath(resolved), maxCount };
    const problem = await dumpFile(context, file, wish);
    if (failed(problem)) return problem;
    if (problem !== undefined) {
      context.note(`odradek: ${file}: ${problem}`);
      hasProblem = true;
    }
  }
  return hasProblem ? ExitCode.failed : undefined;
};

/** Shows one file; what is wrong with it, if something is. */
async function dumpFile(
  context: CommandContext,
  file: string,
  wish: Wish,
): Promise<string | undefined | Failure> {
  try {
    const name = path.basename(file);
    const segment = parseSegmentFileName(name);
    if (segment?.suffix === FileSuffix.log || SNAPSHOT_NAME.test(name))
      return await dumpBatches(context, file, wish);
    if (segment === undefined) return await dumpText(context, file);
    const dump = {
      [FileSuffix.offsetIndex]: () => dumpOffsetIndex(file, segment.offset),
      [FileSuffix.timeIndex]: () => dumpTimeIndex(file, segment.offset),
      [FileSuffix.transactionIndex]: () => dumpTransactionIndex(file, segment.offset),
      [FileSuffix.producerSnapshot]: () => dumpProducerSnapshot(file),
    }[segment.suffix as Exclude<typeof segment.suffix, '.log'>];
    return await showEntries(context, file, { dumped: dump(), maxCount: wish.maxCount });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return new Failure(Errors.KAFKA_STORAGE_ERROR, `Cannot read ${file}: ${message}`);
  }
}

async function showEntries(
  { output }: CommandContext,
  file: string,
  { dumped, maxCount }: { readonly dumped: DumpedEntries; readonly maxCount: number },
): Promise<string | undefined> {
  const entries = dumped.entries.slice(0, maxCount);
  if (output.isForPrograms) {
    await output.items(entries, { data: entry => ({ file, ...entry }) });
  } else {
    const lines = entries.map(entry => `${fields(entry)}\n`);
    await output.raw(`${file}\n${lines.join('')}`);
  }
  return dumped.problem ?? undefined;
}

const fields = (entry: object): string =>
  Object.entries(entry)
    .map(([name, value]) => `${name}: ${typeof value === 'object' && value !== null ? toJson(value) : value}`)
    .join('  ');

/** Checkpoints, meta.properties, quorum-state: they are text already. */
async function dumpText({ output }: CommandContext, file: string): Promise<string | undefined> {
  const text = asText(fs.readFileSync(file));
  if (text === undefined) return 'it is none of the files of a log directory that can be shown';
  if (output.isForPrograms) await output.items([text], { data: content => ({ file, content }) });
  else await output.raw(`${file}\n${text}${text.endsWith('\n') ? '' : '\n'}`);
  return undefined;
}

async function dumpBatches(
  { output }: CommandContext,
  file: string,
  wish: Wish,
): Promise<string | undefined> {
  if (!output.isForPrograms) await output.raw(`${file}\n`);
  let shown = 0;
  let problem: string | undefined;
  for (const read of readBatches(file)) {
    if (shown++ >= wish.maxCount) break;
    if (!('batch' in read)) {
      return read.failure?.message ?? `behind byte ${read.position} there is a batch that is cut off`;
    }
    const data = describeBatch(read.batch, read.position);
    if (!data.isCrcValid) problem ??= `the batch at byte ${read.position} fails its checksum`;
    const records = wish.hasRecords ? describeRecords(read.batch, wish) : [];
    if (failed(records)) return records.message;
    if (output.isForPrograms) {
      await output.items([data], {
        data: batch => ({ file, ...batch, ...(wish.hasRecords && { records }) }),
      });
    } else {
      await output.raw(
        [data, ...records].map((item, index) => `${index > 0 ? '  ' : ''}${fields(item)}\n`).join(''),
      );
    }
  }
  return problem;
}

function describeBatch(batch: RecordBatch, position: number) {
  return {
    baseOffset: batch.baseOffset,
    lastOffset: batch.lastOffset,
    count: batch.recordCount,
    position,
    sizeBytes: batch.sizeBytes,
    leaderEpoch: batch.partitionLeaderEpoch,
    producerId: batch.producerId,
    producerEpoch: batch.producerEpoch,
    baseSequence: batch.baseSequence,
    isTransactional: batch.isTransactional,
    isControl: batch.isControl,
    compression: COMPRESSION_NAMES.get(batch.compression) ?? String(batch.compression),
    timestampType: batch.isLogAppendTime ? 'LogAppendTime' : 'CreateTime',
    maxTimestamp: batch.maxTimestamp,
    maxTime: formatTime(batch.maxTimestamp),
    isCrcValid: batch.isCrcValid(),
  };
}

function describeRecords(batch: RecordBatch, wish: Wish): object[] | Failure {
  const records = readRecords(batch, MAX_RECORD_BYTES);
  return failed(records) ? records : records.map(record => describeRecord(batch, record, wish));
}

function describeRecord(batch: RecordBatch, record: LogRecord, { hasValues, kind }: Wish): object {
  const { headers, key, offset, sequence, timestamp, value } = record;
  const facts = { offset, timestamp, sequence, keySize: key?.length ?? -1, valueSize: value?.length ?? -1 };
  if (batch.isControl) {
    const control = readControlRecord(record);
    return { ...facts, control: failed(control) ? { error: control.message } : control };
  }
  if (kind !== undefined) return { ...facts, ...decodeStored(kind, record) };
  if (!hasValues) return { ...facts, headers: headers.map(header => header.key) };
  const shown = (bytes: Buffer | null) =>
    bytes === null ? null : (asText(bytes) ?? `base64:${bytes.toString('base64')}`);
  return {
    ...facts,
    key: shown(key),
    value: shown(value),
    headers: headers.map(header => ({ key: header.key, value: shown(header.value) })),
  };
}
