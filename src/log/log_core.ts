import { Errors } from '../model/error_codes.ts';
import { Failure } from '../model/failure.ts';
import { maxOffset, minOffset, type Offset } from '../model/ids.ts';
import { DiskError } from '../model/ports.ts';
import { Durability } from './durability.ts';
import { markFailedSync } from './failed_sync_mark.ts';
import { FileState } from './file_names.ts';
import type { LeaderEpochs } from './leader_epochs.ts';
import type { LogConfig } from './log_config.ts';
import type { LoadedLog } from './log_loader.ts';
import { LogPersistence } from './log_persistence.ts';
import type { LogServices, OpenLogOptions } from './log_types.ts';
import type { ProducerState } from './producer_state.ts';
import { Segment, type SegmentEnvironment } from './segment.ts';
import { SegmentDeletion } from './segment_deletion.ts';
import { SegmentList } from './segment_list.ts';
import type { SyncTurns } from './sync_turns.ts';
import { LogTail } from './tail_cache.ts';

/**
 * The state of one log, which {@link PartitionLog} shows to the world and what is done to logs changes: appends,
 * truncations, deletions. It is the room's own.
 */
export class LogCore {
  readonly services: LogServices;
  /** `topic-partition` */
  readonly name: string;
  readonly options: OpenLogOptions;
  readonly environment: SegmentEnvironment;
  readonly segments: SegmentList;
  readonly epochs: LeaderEpochs;
  readonly producers: ProducerState;
  /** Offsets of the producers' snapshots that are there, rising. */
  readonly snapshots: Offset[];
  readonly durability: Durability;
  readonly persistence: LogPersistence;
  readonly deletion: SegmentDeletion;
  readonly tail: LogTail;
  config: LogConfig;
  /** Records below are deleted. Not above the high watermark. */
  logStartOffset: Offset;
  /** Records below are on all in-sync replicas. Never falls, except with the end of a log that is truncated. */
  highWatermark: Offset;
  /** The next record's offset: that behind the active segment. */
  endOffset: Offset;
  /** Counts the truncations' beginnings and ends: what was read before one may not be in the log any more. */
  truncations = 0;
  /** While set the segments and offsets may contradict each other between two steps. */
  isTruncating = false;
  /** Set once: nothing is done from then on. */
  failure: Failure | undefined;
  durableListener: ((offset: Offset) => void) | undefined;
  /** How much sooner than `segment.ms` says the active segment is closed. */
  rollJitterMs = 0;

  constructor(
    services: LogServices,
    options: OpenLogOptions,
    environment: SegmentEnvironment,
    loaded: LoadedLog,
  ) {
    this.services = services;
    this.options = options;
    this.name = `${options.topic}-${options.partition}`;
    this.environment = environment;
    this.config = options.config;
    this.segments = new SegmentList(loaded.segments);
    this.epochs = loaded.epochs;
    this.producers = loaded.producers;
    this.snapshots = loaded.snapshots;
    this.tail = new LogTail(services.tailCache);
    this.endOffset = this.segments.active.endOffset;
    this.logStartOffset = loaded.logStartOffset;
    this.highWatermark = loaded.logStartOffset;
    this.durability = new Durability(this, services.clock, loaded.recoveryPoint);
    this.persistence = new LogPersistence(this, loaded);
    this.deletion = new SegmentDeletion(services.clock, error => this.fail(error));
    this.#drawJitter();
    this.setHighWatermark(options.highWatermark);
  }

  get syncTurns(): SyncTurns {
    return this.services.files.syncTurns;
  }

  get directory(): string {
    return this.options.directory;
  }

  /**
   * The disk failed: so does the log, for good. Other errors are ours, and go on.
   * @returns what is answered from now on
   */
  fail(error: unknown): Failure {
    if (!(error instanceof DiskError)) throw error;
    markFailedSync(this.environment.disk, this.directory);
    if (this.failure !== undefined) return this.failure;
    const failure = new Failure(
      Errors.KAFKA_STORAGE_ERROR,
      `The log ${this.name} failed: ${error.message}. What was acknowledged is read again after a restart with a good disk.`,
    );
    this.environment.logger.error('the log failed', {
      code: error.code,
      path: error.path,
      error: error.message,
    });
    this.end(failure);
    this.options.owner.diskFailed(error);
    return failure;
  }

  /** Nothing is done from now on; all who wait get the failure. */
  end(failure: Failure): void {
    this.failure = failure;
    this.durability.fail(failure);
    this.tail.clear();
  }

  /** Runs a task on the log's files after those before it, unless the log has ended by then. */
  async exclusively<T>(task: () => Promise<T>): Promise<T | Failure> {
    try {
      return await this.persistence.exclusively(async () => this.failure ?? (await task()));
    } catch (error) {
      return this.fail(error);
    }
  }

  /** @returns whether it rose */
  setHighWatermark(offset: Offset): boolean {
    const bounded = minOffset(maxOffset(offset, this.logStartOffset), this.endOffset);
    if (bounded <= this.highWatermark) return false;
    this.highWatermark = bounded;
    this.producers.replicated(bounded);
    return true;
  }

  /** Moves the log's start up. */
  startAt(offset: Offset): void {
    this.logStartOffset = offset;
    this.epochs.truncateFromStart(offset);
    this.persistence.startedAt(offset);
  }

  /** Closes the active segment and begins a new one at `baseOffset`. @throws {DiskError} */
  roll(baseOffset: Offset): Segment {
    const { active } = this.segments;
    active.complete();
    active.endOffset = baseOffset;
    const segment = Segment.create(this.environment, baseOffset, { createdMs: this.services.clock.nowMs() });
    this.segments.push(segment);
    this.producers.endOffset = baseOffset;
    this.persistence.rolled(active, baseOffset);
    this.#drawJitter();
    void this.exclusively(() => this.persistence.storeClosed());
    return segment;
  }

  #drawJitter(): void {
    const { segmentJitterMs, segmentMs } = this.config;
    this.rollJitterMs = Math.floor(this.services.random.fraction() * Math.min(segmentJitterMs, segmentMs));
  }

  /** Takes segments out of the log, and has their files deleted later. @throws {DiskError} */
  remove(segments: readonly Segment[]): void {
    this.segments.remove(new Set(segments));
    for (const segment of segments) this.delete(segment);
    this.persistence.forgetSnapshots(new Set(segments.map(segment => segment.baseOffset)));
  }

  /** Has the files of a segment deleted later; it is to be taken out of the log, too. @throws {DiskError} */
  delete(segment: Segment, options: { readonly keepSnapshot?: boolean } = {}): void {
    segment.rename(FileState.deleted, options);
    this.deletion.schedule(segment, this.config.fileDeleteDelayMs);
    this.persistence.renamed();
    const { baseOffset, endOffset, sizeBytes } = segment;
    this.environment.logger.info('deleted a segment', { baseOffset, endOffset, bytes: sizeBytes });
  }
}
