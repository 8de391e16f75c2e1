/*
 * npm run bench:log: what the partition log costs on this machine's disk: appends beside the bare writes, recovery,
 * reads from the disk, and many logs that are not used. Takes about 4 GB in the system's temporary folder.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { NodeClock } from '../src/io/node_clock.ts';
import { NodeDisk } from '../src/io/node_disk.ts';
import { NodeRandom } from '../src/io/node_random.ts';
import { IndexCache } from '../src/log/index_cache.ts';
import type { LogConfig } from '../src/log/log_config.ts';
import type { LogServices } from '../src/log/log_types.ts';
import { OpenFiles } from '../src/log/open_files.ts';
import { PartitionLog } from '../src/log/partition_log.ts';
import { TailCache } from '../src/log/tail_cache.ts';
import { failed } from '../src/model/failure.ts';
import { asLeaderEpoch, asOffset, asPartitionIndex, asUuid } from '../src/model/ids.ts';
import type { Logger } from '../src/model/ports.ts';
import { buildBatch } from '../src/records/build_batch.ts';
import { crc32c } from '../src/records/crc32c.ts';

const QUIET: Logger = { debug() {}, info() {}, warn() {}, error() {}, with: () => QUIET };
const MANY = 2_000;
const ZERO = asOffset(0n);

const CONFIG: LogConfig = {
  segmentBytes: 2 ** 30,
  segmentMs: 604_800_000,
  segmentJitterMs: 0,
  segmentIndexBytes: 10 * 2 ** 20,
  indexIntervalBytes: 4096,
  retentionMs: 604_800_000,
  retentionBytes: -1,
  cleanupPolicy: { delete: true, compact: false },
  minCleanableDirtyRatio: 0.5,
  minCompactionLagMs: 0,
  maxCompactionLagMs: Number.MAX_SAFE_INTEGER,
  deleteRetentionMs: 86_400_000,
  fileDeleteDelayMs: 60_000,
  maxMessageBytes: 1_048_588,
  compressionType: 'producer',
  compressionGzipLevel: -1,
  compressionZstdLevel: 3,
  messageTimestampType: 'CreateTime',
  messageTimestampBeforeMaxMs: 2 ** 63,
  messageTimestampAfterMaxMs: 3_600_000,
  writeCaching: false,
  flushMessages: 2 ** 63,
  flushMs: 2 ** 63,
};

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'odradek-bench-')).replaceAll('\\', '/');

function services(): LogServices {
  const disk = new NodeDisk();
  return {
    disk,
    clock: new NodeClock(),
    random: new NodeRandom(),
    logger: QUIET,
    files: new OpenFiles(disk),
    indexCache: new IndexCache(),
    tailCache: new TailCache(),
  };
}

interface Opening {
  readonly shared?: LogServices;
  readonly config?: Partial<LogConfig>;
  readonly isClean?: boolean;
  readonly recoveryPoint?: bigint;
}

async function open(
  name: string,
  { shared, config, isClean, recoveryPoint }: Opening = {},
): Promise<PartitionLog> {
  const log = await PartitionLog.open(shared ?? services(), {
    directory: `${root}/${name}`,
    topic: 'bench',
    partition: asPartitionIndex(0),
    topicId: asUuid('AbcdefghijklmnopqrstuA'),
    config: { ...CONFIG, ...config },
    isClean: isClean ?? false,
    recoveryPoint: asOffset(recoveryPoint ?? 0n),
    logStartOffset: ZERO,
    highWatermark: ZERO,
    producerIdExpirationMs: 86_400_000,
    owner: {
      diskFailed: error => {
        throw error;
      },
      lowerRecoveryPoint: () => Promise.resolve(),
    },
  });
  if (failed(log)) throw new Error(log.message);
  return log;
}

/** Runs something, and says how fast it was and what it took of the processor for each gigabyte. */
async function measure(what: string, bytes: number, run: () => Promise<void> | void): Promise<void> {
  const cpu = process.cpuUsage();
  const startedMs = performance.now();
  await run();
  const seconds = (performance.now() - startedMs) / 1e3;
  const { user, system } = process.cpuUsage(cpu);
  const cpuSeconds = (user + system) / 1e6;
  row(what, `${Math.round(bytes / 1e6 / seconds)} MB/s`, `${((cpuSeconds * 1e9) / bytes).toFixed(2)} s/GB`);
}

function row(what: string, first: string, second: string): void {
  console.log(`| ${what.padEnd(62)} | ${first.padStart(12)} | ${second.padStart(14)} |`);
}

function batchOf(sizeBytes: number): Buffer {
  const value = Buffer.alloc(Math.min(1000, sizeBytes - 90), 'x');
  const count = Math.max(1, Math.floor(sizeBytes / 1024));
  const record = { timestamp: BigInt(Date.now()), key: null, value };
  return buildBatch(Array.from({ length: count }, () => record)).buffer;
}

/** Writes batches that are each in memory of its own, as those of a client are. */
async function appendAll(
  log: PartitionLog,
  template: Buffer,
  count: number,
  inFlight: number,
): Promise<void> {
  const waiting: Promise<unknown>[] = [];
  for (let index = 0; index < count; index++) {
    const appended = log.appendAsLeader(Buffer.from(template), {
      leaderEpoch: asLeaderEpoch(0),
      origin: 'client',
    });
    if (failed(appended)) throw new Error(appended.message);
    waiting.push(log.awaitDurable(log.endOffset));
    if (waiting.length >= inFlight) await waiting.shift();
  }
  await Promise.all(waiting);
}

async function benchAppends(): Promise<void> {
  for (const [sizeBytes, count, inFlight] of [
    [128 * 1024, 8_000, 16],
    [16 * 1024, 16_000, 64],
    [1024, 100_000, 256],
  ] as const) {
    const template = batchOf(sizeBytes);
    const bytes = template.length * count;
    const of = `batches of ${Math.round(sizeBytes / 1024)} KB`;
    await measure(`${of}: copy, checksum and bare write`, bytes, () => {
      const file = fs.openSync(`${root}/bare`, 'w');
      for (let index = 0; index < count; index++) {
        const copy = Buffer.from(template);
        crc32c(copy);
        fs.writeSync(file, copy, 0, copy.length, index * copy.length);
      }
      fs.closeSync(file);
    });
    fs.rmSync(`${root}/bare`);
    const cached = await open(`cached-${sizeBytes}`, { config: { writeCaching: true } });
    await measure(`${of}: append, write caching`, bytes, () => appendAll(cached, template, count, 1));
    await cached.discard();
    const synced = await open(`synced-${sizeBytes}`);
    await measure(`${of}: append, synced, ${inFlight} in flight`, bytes, () =>
      appendAll(synced, template, count, inFlight),
    );
    await synced.discard();
  }
}

async function benchRecovery(): Promise<void> {
  for (const sizeBytes of [128 * 1024, 1024]) {
    const name = `synced-${sizeBytes}`;
    const bytes = fs.statSync(`${root}/${name}/00000000000000000000.log`).size;
    let log!: PartitionLog;
    await measure(
      `recovery of batches of ${sizeBytes / 1024} KB, from the system's cache`,
      bytes,
      async () => {
        log = await open(name);
      },
    );
    await measure(`reading them in pieces of 1 MB, from the system's cache`, bytes, async () => {
      for (let next = ZERO; next < log.endOffset; ) {
        const read = await log.read(next, { maxBytes: 2 ** 20, upTo: log.endOffset, minOneBatch: true });
        if (failed(read)) throw new Error(read.message);
        next = read.nextOffset;
      }
    });
    await log.discard();
  }
}

/** Milliseconds of the wall and of the processor. */
async function took<T>(what: string, run: () => Promise<T>): Promise<T> {
  const cpu = process.cpuUsage();
  const startedMs = performance.now();
  const result = await run();
  const { user, system } = process.cpuUsage(cpu);
  row(what, `${Math.round(performance.now() - startedMs)} ms`, `CPU ${Math.round((user + system) / 1e3)} ms`);
  return result;
}

function heapBytes(): number {
  for (let round = 0; round < 3; round++) global.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function benchMany(): Promise<void> {
  const names = Array.from({ length: MANY }, (_, index) => `many-${index}`);
  const openAll = (options: (index: number) => Opening): Promise<PartitionLog[]> =>
    Promise.all(names.map((name, index) => open(name, options(index))));
  // Code and caches of the runtime are no part of a log.
  for (let index = 0; index < 100; index++) await (await open(`warm-${index}`)).discard();
  let shared = services();
  const before = heapBytes();
  let logs = await took(`make ${MANY} logs`, () => openAll(() => ({ shared })));
  const idle = heapBytes() - before;
  row(
    '  memory and open files of one that is not used',
    `${Math.round(idle / MANY)} bytes`,
    `${shared.files.openCount} files`,
  );
  const batch = batchOf(1024);
  await took(`append 1 KB to each, and sync`, async () => {
    await Promise.all(logs.map(log => appendAll(log, batch, 1, 1)));
  });
  const points = await took('close them', () => Promise.all(logs.map(log => log.close())));
  shared = services();
  logs = await took('open them after a clean shutdown', () =>
    openAll(index => ({ shared, isClean: true, recoveryPoint: points[index] as bigint })),
  );
  await Promise.all(logs.map(log => log.discard()));
  shared = services();
  await took('open them after a kill, with nothing stored of them', () => openAll(() => ({ shared })));
}

try {
  await benchAppends();
  await benchRecovery();
  await benchMany();
} finally {
  fs.rmSync(root, { recursive: true, force: true });
}
process.exit(0);
