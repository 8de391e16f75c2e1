import { IndexCache } from '../../src/log/index_cache.ts';
import type { LogConfig } from '../../src/log/log_config.ts';
import type { LogServices, OpenLogOptions } from '../../src/log/log_types.ts';
import { OpenFiles } from '../../src/log/open_files.ts';
import { PartitionLog } from '../../src/log/partition_log.ts';
import { TailCache } from '../../src/log/tail_cache.ts';
import { Failure, failed } from '../../src/model/failure.ts';
import {
  asLeaderEpoch,
  asOffset,
  asPartitionIndex,
  asProducerEpoch,
  asProducerId,
  type Offset,
} from '../../src/model/ids.ts';
import type { DiskError } from '../../src/model/ports.ts';
import { type BatchOptions, buildBatch } from '../../src/records/build_batch.ts';
import { buildControlBatch } from '../../src/records/control_records.ts';
import type { RecordBatch } from '../../src/records/record_batch.ts';
import { splitBatches } from '../../src/records/split_batches.ts';
import { SeededRandom } from '../../src/simulation/seeded_random.ts';
import { SimulatedClock, WORLD_START_MS } from '../../src/simulation/simulated_clock.ts';
import { SimulatedDisk } from '../../src/simulation/simulated_disk.ts';
import type { CrashMode } from '../../src/simulation/simulated_file.ts';
import { SimulatedLogger } from '../../src/simulation/simulated_logger.ts';
import type { SimulatedMount } from '../../src/simulation/simulated_mount.ts';
import { SimulatedTime } from '../../src/simulation/simulated_time.ts';

/** Kafka's defaults. */
export const DEFAULT_CONFIG: LogConfig = {
  segmentBytes: 1024 * 1024 * 1024,
  segmentMs: 604_800_000,
  segmentJitterMs: 0,
  segmentIndexBytes: 10 * 1024 * 1024,
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
  messageTimestampBeforeMaxMs: Number.MAX_SAFE_INTEGER,
  messageTimestampAfterMaxMs: 3_600_000,
  writeCaching: false,
  flushMessages: Number.MAX_SAFE_INTEGER,
  flushMs: Number.MAX_SAFE_INTEGER,
};

export const LOG_DIRECTORY = '/data/events-0';
/** The time at the beginning of the world. */
export const NOW = BigInt(WORLD_START_MS);
export const DAY_MS = 86_400_000;

export interface WorldOptions {
  readonly seed?: number;
  readonly syncMs?: number;
  readonly readMs?: number;
  readonly tailCacheBytes?: number;
  readonly maxOpenFiles?: number;
}

/** What a test opens a log with; the rest is that of a log of which nothing is stored. */
export type OpenOverrides = Partial<Omit<OpenLogOptions, 'config'>> & {
  readonly config?: Partial<LogConfig>;
};

/** A machine with one disk, on which one process after the other opens logs. */
export class LogWorld {
  readonly time = new SimulatedTime();
  readonly random: SeededRandom;
  readonly device: SimulatedDisk;
  readonly #options: WorldOptions;
  clock!: SimulatedClock;
  disk!: SimulatedMount;
  services!: LogServices;
  logger!: SimulatedLogger;
  /** What the logs of the running process said of their disk. */
  diskErrors: DiskError[] = [];
  /** Lets the time pass until the promise is settled. */
  run: <T>(promise: Promise<T>) => Promise<T> = promise => this.time.run(promise);
  /** The recovery point as the logs' owner has stored it. */
  recoveryPoint = asOffset(0n);

  constructor(options: WorldOptions = {}) {
    this.#options = options;
    this.random = new SeededRandom(options.seed ?? 1);
    const { syncMs = 1, readMs = 1 } = options;
    this.device = new SimulatedDisk({ time: this.time, random: this.random.fork(), syncMs, readMs });
    this.restart();
  }

  /** A new process, with nothing in memory. */
  restart(): void {
    const { tailCacheBytes, maxOpenFiles } = this.#options;
    this.clock = new SimulatedClock(this.time);
    this.disk = this.device.mount(this.clock);
    this.logger = new SimulatedLogger(this.clock);
    this.diskErrors = [];
    this.services = {
      disk: this.disk,
      clock: this.clock,
      random: this.random.fork(),
      logger: this.logger,
      files: new OpenFiles(this.disk, maxOpenFiles),
      indexCache: new IndexCache(),
      tailCache: new TailCache(tailCacheBytes),
    };
  }

  /** The process is killed; what it wrote stays in the system's cache. */
  kill(): void {
    this.clock.stop();
    this.disk.kill();
    this.restart();
  }

  /** The power is cut. */
  crash(mode: CrashMode = 'drop-unsynced'): void {
    this.clock.stop();
    this.device.crash(mode);
    this.restart();
  }

  async open({ config, ...options }: OpenOverrides = {}): Promise<PartitionLog> {
    return ok(await this.tryOpen({ ...options, ...(config === undefined ? {} : { config }) }));
  }

  async tryOpen({ config, ...options }: OpenOverrides = {}): Promise<PartitionLog | Failure> {
    // The directory above the log's is not the log's matter.
    this.disk.makeDirectory('/data');
    await this.run(this.disk.syncDirectory('/'));
    return this.run(
      PartitionLog.open(this.services, {
        directory: LOG_DIRECTORY,
        topic: 'events',
        partition: asPartitionIndex(0),
        config: { ...DEFAULT_CONFIG, ...config },
        isClean: false,
        recoveryPoint: this.recoveryPoint,
        logStartOffset: asOffset(0n),
        highWatermark: asOffset(0n),
        producerIdExpirationMs: DAY_MS,
        owner: {
          diskFailed: error => this.diskErrors.push(error),
          lowerRecoveryPoint: async offset => {
            if (offset < this.recoveryPoint) this.recoveryPoint = offset;
          },
        },
        ...options,
      }),
    );
  }

  /** Closes the log, and opens it again in a new process. */
  async reopen(log: PartitionLog, options: OpenOverrides = {}): Promise<PartitionLog> {
    this.recoveryPoint = ok(await this.run(log.close()));
    this.kill();
    return this.open({ isClean: true, ...options });
  }

  /** Waits until all that was appended is durable. */
  async durable(log: PartitionLog): Promise<void> {
    ok(await this.run(log.awaitDurable(log.endOffset)));
  }

  /** The batches of a log from an offset on, read in pieces. */
  async batches(
    log: PartitionLog,
    from: Offset = log.logStartOffset,
    maxBytes = 10_000,
  ): Promise<RecordBatch[]> {
    const found: RecordBatch[] = [];
    let next = from;
    for (;;) {
      const read = ok(
        await this.run(Promise.resolve(log.read(next, { maxBytes, upTo: log.endOffset, minOneBatch: true }))),
      );
      for (const chunk of read.chunks) {
        const { batches, endPosition, failure } = splitBatches(chunk);
        if (failure !== undefined || endPosition < chunk.length)
          throw new Error('a chunk is not of whole batches');
        found.push(...batches);
      }
      if (!read.hasMore) return found;
      if (read.sizeBytes === 0) throw new Error(`nothing was read at ${next}`);
      next = read.nextOffset;
    }
  }

  /** Names of the files in the log's directory. */
  names(): readonly string[] {
    return this.disk.list(LOG_DIRECTORY);
  }

  content(name: string): Buffer {
    const file = this.disk.open(`${LOG_DIRECTORY}/${name}`, 'read');
    const bytes = file.readNow(0, file.sizeBytes);
    file.close();
    return bytes;
  }

  put(name: string, content: Buffer | string): void {
    const file = this.disk.open(`${LOG_DIRECTORY}/${name}`, 'create');
    file.truncate(0);
    file.write(0, [Buffer.from(content)]);
    file.close();
  }
}

/** The result, which must be no failure. */
export function ok<T>(result: T | Failure): T {
  if (failed(result)) throw new Error(`unexpected failure: ${result}`);
  return result;
}

/** The failure, which there must be. */
export function refused(result: unknown): Failure {
  if (!(result instanceof Failure)) throw new Error(`no failure but ${String(result)}`);
  return result;
}

export interface TestBatch extends BatchOptions {
  readonly count?: number;
  readonly valueBytes?: number;
  readonly timestamp?: bigint;
  /** Timestamps of the records, instead of one for all. */
  readonly timestamps?: readonly bigint[];
  readonly key?: string | null;
}

/** A batch as a producer sends it. */
export function batchOf(text: string, options: TestBatch = {}): Buffer {
  const { count = 1, valueBytes = 0, timestamp = NOW, timestamps, key = 'k', ...rest } = options;
  const records = Array.from({ length: timestamps?.length ?? count }, (_, index) => ({
    timestamp: timestamps?.[index] ?? timestamp,
    key: key === null ? null : Buffer.from(key),
    value: Buffer.from(`${text}/${index}`.padEnd(valueBytes, '.')),
  }));
  return buildBatch(records, rest).buffer;
}

export const EPOCH = asLeaderEpoch(3);

/** Appends as a client, which must be taken. */
export function append(log: PartitionLog, batch: Buffer, leaderEpoch = EPOCH) {
  return ok(log.appendAsLeader(batch, { leaderEpoch, origin: 'client' }));
}

/** The options of a batch of an idempotent producer. */
export function from(producer: bigint, baseSequence: number, epoch = 0): BatchOptions {
  return { producerId: asProducerId(producer), producerEpoch: asProducerEpoch(epoch), baseSequence };
}

/** A marker that ends a transaction. */
export function markerOf(
  type: 'COMMIT' | 'ABORT',
  producer: bigint,
  { epoch = 0, coordinatorEpoch = 0, timestamp = NOW } = {},
): Buffer {
  return buildControlBatch([{ type, coordinatorEpoch }], {
    timestamp,
    producerId: asProducerId(producer),
    producerEpoch: asProducerEpoch(epoch),
    isTransactional: true,
  }).buffer;
}

/** What a batch's records say, for comparing logs: offsets and bytes. */
export function shown(batches: readonly RecordBatch[]): string[] {
  return batches.map(batch => `${batch.baseOffset}-${batch.lastOffset} ${batch.payload.toString('latin1')}`);
}
