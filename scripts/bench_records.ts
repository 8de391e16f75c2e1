/*
 * npm run bench:records: what record batches cost: the leader's checks, splitting, building and reading, and each codec
 * in its native and its portable form. The best of many short rounds: other work on the machine only makes it slower.
 */
import os from 'node:os';
import { gunzipSync, gzipSync } from 'node:zlib';
import { buildBatch, type RecordInput } from '../src/records/build_batch.ts';
import {
  checkProducedBytes,
  checkProducedHeader,
  checkProducedRecords,
} from '../src/records/check_produced.ts';
import {
  compressLz4,
  decompressLz4,
  type Lz4Blocks,
  nativeLz4,
  portableLz4,
} from '../src/records/compression/lz4.ts';
import {
  compressSnappy,
  decompressSnappy,
  nativeSnappy,
  portableSnappy,
  type SnappyBlocks,
} from '../src/records/compression/snappy.ts';
import { nativeZstd, portableZstd } from '../src/records/compression/zstd.ts';
import { crc32c, portableCrc32c } from '../src/records/crc32c.ts';
import { eachRecord, readRecords } from '../src/records/read_records.ts';
import type { RecordBatch } from '../src/records/record_batch.ts';
import { splitBatches } from '../src/records/split_batches.ts';
import { type RecordRules, validateRecords } from '../src/records/validate_records.ts';

const WARM_UP_MS = 200;
const ROUND_MS = 5;
const ROUNDS = 200;
const MAX_BYTES = 1 << 24;
const BATCH_BYTES = 128 * 1024;

const RULES: RecordRules = {
  needsKeys: false,
  compression: undefined,
  compressionLevel: undefined,
  earliestTimestamp: undefined,
  latestTimestamp: 1_800_000_000_000n,
  maxRecordBytes: MAX_BYTES,
};

/** Microseconds of one call, in the best round. */
function measure(run: () => unknown): number {
  const runFor = (durationMs: number) => {
    const start = performance.now();
    let calls = 0;
    let elapsedMs: number;
    do {
      run();
      calls++;
      elapsedMs = performance.now() - start;
    } while (elapsedMs < durationMs);
    return (elapsedMs * 1000) / calls;
  };
  runFor(WARM_UP_MS);
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) best = Math.min(best, runFor(ROUND_MS));
  return best;
}

const WORDS =
  'order customer shipped pending amount address street 2026 Berlin Paris invoice total items'.split(' ');

/** Values as many logs hold them: JSON whose names repeat and whose contents differ. */
function value(index: number, sizeBytes: number): Buffer {
  let state = index + 1;
  const next = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  let text = `{"id":${index * 7919},"status":"${WORDS[next(6)]}"`;
  while (text.length < sizeBytes)
    text += `,"${WORDS[next(WORDS.length)]}":"${WORDS[next(WORDS.length)]} ${next(1e6)}"`;
  return Buffer.from(text.slice(0, sizeBytes));
}

function batchOf(recordBytes: number, batchBytes: number): RecordBatch {
  const count = Math.max(1, Math.floor(batchBytes / recordBytes));
  const records = Array.from({ length: count }, (_, index): RecordInput => {
    const key = Buffer.from(`key-${index}`);
    return { timestamp: 1_700_000_000_000n + BigInt(index), key, value: value(index, recordBytes - 18) };
  });
  return buildBatch(records);
}

function row(cells: readonly (string | number)[]): void {
  console.log(`| ${cells.join(' | ')} |`);
}

function digits(number: number): string {
  return number >= 100 ? number.toFixed(0) : number.toPrecision(2);
}

function benchChecks(): void {
  row(['leader’s checks of a batch', 'form', 'checksum', 'header', 'records', 'all']);
  for (const [what, recordBytes, batchBytes] of [
    ['128 KB, 128 records', 1024, BATCH_BYTES],
    ['128 KB, 1310 records', 100, BATCH_BYTES],
    ['1 KB, 1 record', 1024, 1024],
  ] as const) {
    const batch = batchOf(recordBytes, batchBytes);
    const steps = [
      () => checkProducedRecords(batch.buffer, 13),
      () => checkProducedBytes(batch, MAX_BYTES),
      () => checkProducedHeader(batch),
      () => validateRecords(batch, RULES),
    ];
    const all = () => steps.every(step => step() !== null);
    row([what, ...[...steps, all].map(step => `${digits(measure(step))} µs`)]);
  }
}

function benchBatches(): void {
  const batch = batchOf(1024, BATCH_BYTES);
  const small = batchOf(1024, 1024);
  const run = Buffer.concat(new Array<Buffer>(1000).fill(small.buffer));
  const records = readRecords(batch, MAX_BYTES) as RecordInput[];
  row(['operation', 'per batch or record']);
  row(['split a run of 1 KB batches', `${digits(measure(() => splitBatches(run)))} ns a batch`]);
  const perRecord = (run: () => unknown) =>
    `${digits((measure(run) * 1000) / batch.recordCount)} ns a record`;
  row(['build', perRecord(() => buildBatch(records))]);
  row(['read, as views', perRecord(() => eachRecord(batch, MAX_BYTES, () => true))]);
  row(['read, as objects', perRecord(() => readRecords(batch, MAX_BYTES))]);
  const { buffer } = batch;
  row([
    'CRC-32C',
    `${speed(measure(() => crc32c(buffer)))} native, ${speed(measure(() => portableCrc32c(buffer)))} portable`,
  ]);
}

function speed(microseconds: number): string {
  return `${digits(BATCH_BYTES / microseconds)} MB/s`;
}

interface Codec {
  compress(bytes: Buffer): Buffer;
  decompress(bytes: Buffer): Buffer;
}

function snappyForm(blocks: SnappyBlocks): Codec {
  return {
    compress: bytes => compressSnappy(bytes, blocks),
    decompress: bytes => decompressSnappy(bytes, MAX_BYTES, blocks),
  };
}

function lz4Form(blocks: Lz4Blocks): Codec {
  return {
    compress: bytes => compressLz4(bytes, blocks),
    decompress: bytes => decompressLz4(bytes, MAX_BYTES, blocks),
  };
}

function benchCodecs(): void {
  const [snappy, lz4, zstd] = [nativeSnappy(), nativeLz4(), nativeZstd()];
  const zstdForm = (codec: typeof portableZstd): Codec => ({
    compress: bytes => codec.compress(bytes, undefined),
    decompress: bytes => codec.decompress(bytes, MAX_BYTES),
  });
  const codecs: readonly (readonly [string, Codec | undefined])[] = [
    ['gzip, Node', { compress: bytes => gzipSync(bytes), decompress: bytes => gunzipSync(bytes) }],
    ['snappy, native', snappy && snappyForm(snappy)],
    ['snappy, portable', snappyForm(portableSnappy)],
    ['lz4, native', lz4 && lz4Form(lz4)],
    ['lz4, portable', lz4Form(portableLz4)],
    ['zstd, Node', zstd && zstdForm(zstd)],
    ['zstd, portable', zstdForm(portableZstd)],
  ];
  const plain = batchOf(1024, BATCH_BYTES).payload.subarray(0, BATCH_BYTES);
  row(['codec', 'compress', 'decompress', 'size left']);
  for (const [name, codec] of codecs) {
    if (codec === undefined) continue;
    const compressed = codec.compress(plain);
    row([
      name,
      speed(measure(() => codec.compress(plain))),
      speed(measure(() => codec.decompress(compressed))),
      `${((compressed.length / plain.length) * 100).toFixed(0)} %`,
    ]);
  }
}

console.log(`Node ${process.versions.node}, ${os.cpus()[0]?.model}`);
for (const bench of [benchChecks, benchBatches, benchCodecs]) {
  console.log();
  bench();
}
