import { cleanableOf } from '../../../src/log/compaction/cleanable.ts';
import { type CompactionReport, LogCompaction } from '../../../src/log/compaction/log_compaction.ts';
import type { LogConfig } from '../../../src/log/log_config.ts';
import type { PartitionLog } from '../../../src/log/partition_log.ts';
import type { Failure } from '../../../src/model/failure.ts';
import type { Offset } from '../../../src/model/ids.ts';
import { type BatchOptions, buildBatch } from '../../../src/records/build_batch.ts';
import { readRecords } from '../../../src/records/read_records.ts';
import { append, LogWorld, ok, type WorldOptions } from '../../support/log_world.ts';

const MAX_BYTES = 10_000_000;
export const COMPACT: Partial<LogConfig> = { cleanupPolicy: { delete: false, compact: true } };

/** Key and value; null is a tombstone, and the key of a record without one. */
export type Entry = readonly [key: string | null, value: string | null];

export interface CompactOptions {
  readonly mapBytes?: number;
  readonly bufferBytes?: number;
  readonly cleanedUpTo?: Offset;
  readonly turn?: () => Promise<void>;
  readonly isStopping?: () => boolean;
}

/** A compacted log, and compactions of it. */
export class CompactionWorld extends LogWorld {
  log!: PartitionLog;
  /** Up to where the last compaction came. */
  cleanedUpTo: Offset | undefined;

  static async start(config: Partial<LogConfig> = {}, options: WorldOptions = {}): Promise<CompactionWorld> {
    // What is read comes from the disk.
    const world = new CompactionWorld({ tailCacheBytes: 0, ...options });
    world.log = await world.open({ config: { ...COMPACT, ...config } });
    return world;
  }

  /** Appends entries as one batch. */
  write(entries: readonly Entry[], options: BatchOptions & { readonly timestamp?: bigint } = {}): void {
    const { timestamp = BigInt(this.clock.nowMs()), ...rest } = options;
    const records = entries.map(([key, value]) => ({
      timestamp,
      key: key === null ? null : Buffer.from(key),
      value: value === null ? null : Buffer.from(value),
    }));
    append(this.log, buildBatch(records, rest).buffer);
  }

  /** Closes the active segment, and makes everything durable and committed. */
  async roll(): Promise<void> {
    await this.durable(this.log);
    ok(this.log.roll() ?? true);
    ok(await this.run(this.log.checkpoint()));
    this.log.setHighWatermark(this.log.endOffset);
  }

  /** Compacts what can be, whatever its ratio. */
  tryCompact(options: CompactOptions = {}): Promise<CompactionReport | Failure | undefined> {
    return this.run(this.begin(options));
  }

  /** The same, for who lets the time pass. */
  async begin(options: CompactOptions = {}): Promise<CompactionReport | Failure | undefined> {
    const { mapBytes = 1_000_000, bufferBytes = 1_000, turn = async () => {} } = options;
    const cleanable = await cleanableOf(this.log, this.cleanedUpTo, this.clock.nowMs());
    if (cleanable === undefined) return undefined;
    const compaction = new LogCompaction(this.log, {
      clock: this.clock,
      mapBytes,
      bufferBytes,
      secret: new Uint8Array(16),
      turn,
      isStopping: options.isStopping ?? (() => false),
    });
    return compaction.run(cleanable);
  }

  async compact(options: CompactOptions = {}): Promise<CompactionReport> {
    const report = await this.tryCompact(options);
    if (report === undefined) throw new Error('there is nothing to compact');
    const done = ok(report);
    this.cleanedUpTo = done.cleanedUpTo;
    return done;
  }

  /** What the log has: `offset key=value` for each record. */
  async contents(): Promise<string[]> {
    const batches = await this.batches(this.log);
    return batches.flatMap(batch =>
      batch.isControl
        ? readRecords(batch, MAX_BYTES) && []
        : ok(readRecords(batch, MAX_BYTES)).map(
            ({ offset, key, value }) => `${offset} ${key}=${value === null ? '-' : value}`,
          ),
    );
  }
}
