import { Errors, isRetriable } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import {
  asOffset,
  type LeaderEpoch,
  NO_PRODUCER_EPOCH,
  NO_PRODUCER_ID,
  type Offset,
  type PartitionIndex,
} from '../model/ids.ts';
import { MAX_COORDINATOR_BATCH_BYTES } from '../model/limits.ts';
import type { Timer } from '../model/ports.ts';
import { buildBatch } from '../records/build_batch.ts';
import { readControlRecord } from '../records/control_records.ts';
import { eachRecord } from '../records/read_records.ts';
import { BATCH_OVERHEAD_BYTES, type RecordBatch } from '../records/record_batch.ts';
import type { CoordinatorRuntimeOptions } from './coordinator_runtime.ts';
import type {
  CoordinatorRecord,
  CoordinatorResult,
  CoordinatorShard,
  CoordinatorTimers,
} from './coordinator_shard.ts';

/** Before a timer's operation is tried again after a failure that may pass. */
const TIMER_RETRY_MS = 500;

/** How long records are replayed at a stretch while a shard is loaded: others want the processor too. */
const REPLAY_STRETCH_MS = 5;

/** Before a log that could not be read is read once more; it doubles from one try to the next, up to the maximum. */
const FIRST_RELOAD_MS = 250;
const MAX_RELOAD_MS = 10_000;

/** About what a record takes in a batch besides its key and its value. */
const RECORD_OVERHEAD_BYTES = 24;

interface ShardTimer {
  /** When the operation is due, as the monotonic clock counts. */
  dueMs: number;
  operation: () => CoordinatorResult<void>;
  /** Fires at `firesMs`, which is not after `dueMs`, and goes on waiting for what is missing. */
  timer: Timer;
  firesMs: number;
}

interface ShardHostOptions<Shard extends CoordinatorShard> extends CoordinatorRuntimeOptions<Shard> {
  readonly partition: PartitionIndex;
  readonly epoch: LeaderEpoch;
}

/**
 * One partition's shard during one leadership.
 *
 *     loading → active      the log is replayed
 *     loading → loading     what the disk returns is damaged: it is read again, with an empty shard, until it is mended
 *     loading → stopped     the log can't be read, or the leadership ended
 *     active  → stopped     the leadership ended
 */
export class ShardHost<Shard extends CoordinatorShard> {
  readonly epoch: LeaderEpoch;
  readonly #options: ShardHostOptions<Shard>;
  #shard: Shard;
  readonly #timers = new Map<string, ShardTimer>();
  #state: 'loading' | 'active' | 'stopped' = 'loading';
  /** Behind the last record that was appended and replayed; responses wait until it is committed. */
  #lastWritten = asOffset(0n);
  /** Everything before it is known to be committed. */
  #committed = asOffset(0n);
  #stopReason = '';

  constructor(options: ShardHostOptions<Shard>) {
    this.#options = options;
    this.epoch = options.epoch;
    this.#shard = options.createShard(options.partition, this.#shardTimers());
  }

  /** Its state is that of the log as far as it was read or written. */
  get shard(): Shard {
    return this.#shard;
  }

  get #isStopped(): boolean {
    return this.#state === 'stopped';
  }

  get activeShard(): Shard | undefined {
    return this.#state === 'active' ? this.#shard : undefined;
  }

  /** Replays the partition's log into the shard. */
  async load(): Promise<void> {
    const { partition, clock, logger } = this.#options;
    const startedMs = clock.monotonicMs();
    let pauseMs = FIRST_RELOAD_MS;
    let end = await this.#replay();
    while (failed(end) && this.#state === 'loading') {
      logger.error('Cannot load the coordinator: its partition can not be read', {
        partition,
        error: end.toString(),
      });
      // What is damaged is replaced by what another replica has, before long.
      if (end.code !== Errors.CORRUPT_MESSAGE) return this.stop(end.message);
      await this.#pause(pauseMs);
      if (this.#isStopped) return;
      pauseMs = Math.min(2 * pauseMs, MAX_RELOAD_MS);
      this.#clearTimers();
      this.#shard = this.#options.createShard(partition, this.#shardTimers());
      end = await this.#replay();
    }
    if (failed(end) || this.#state !== 'loading') return;
    // What a previous leader appended last may not be committed yet: who reads it waits for that.
    this.#lastWritten = end;
    this.#state = 'active';
    this.#shard.activated();
    logger.info('Coordinator loaded', {
      partition,
      epoch: this.epoch,
      endOffset: end,
      tookMs: Math.round(clock.monotonicMs() - startedMs),
    });
  }

  /** @returns the end of the log as far as it was read */
  async #replay(): Promise<Offset | Failure> {
    const start = this.#options.log.logStartOffset(this.#options.partition);
    return failed(start) ? start : this.#replayFrom(start);
  }

  async #replayFrom(start: Offset): Promise<Offset | Failure> {
    const { log, partition, clock } = this.#options;
    let next = start;
    let pauseDueMs = clock.monotonicMs() + REPLAY_STRETCH_MS;
    for (;;) {
      const batches = await log.read(partition, next);
      if (this.#state === 'stopped') return next;
      if (failed(batches)) return batches;
      if (batches.length === 0) return next;
      for (const batch of batches) {
        const problem = this.#replayBatch(batch, next);
        if (problem !== undefined) return problem;
        next = batch.nextOffset;
        if (clock.monotonicMs() < pauseDueMs) continue;
        await this.#pause();
        if (this.#isStopped) return next;
        pauseDueMs = clock.monotonicMs() + REPLAY_STRETCH_MS;
      }
    }
  }

  /** Without a time, everything else that is due goes first. */
  #pause(pauseMs = 0): Promise<void> {
    return new Promise(resolve => {
      this.#options.clock.startTimer(pauseMs, resolve);
    });
  }

  #replayBatch(batch: RecordBatch, from: Offset): Failure | undefined {
    const { producerId, producerEpoch, isControl } = batch;
    return eachRecord(batch, MAX_COORDINATOR_BATCH_BYTES, record => {
      const { offset, key, value } = record;
      if (offset < from || key === null) return;
      const origin = { offset, producerId, producerEpoch };
      if (!isControl) {
        this.#shard.replay({ key, value }, origin);
        return;
      }
      const marker = readControlRecord(record);
      if (failed(marker) || (marker.type !== 'COMMIT' && marker.type !== 'ABORT')) return;
      this.#shard.replayTransactionEnd?.(origin, marker.type === 'COMMIT');
    });
  }

  write<Response>(
    operation: (shard: Shard) => CoordinatorResult<Response> | Failure,
  ): Promise<Response | Failure> {
    if (this.#state !== 'active') return Promise.resolve(this.#unavailable());
    const doubt = this.#options.log.doubt(this.#options.partition);
    if (doubt !== undefined) return Promise.resolve(coordinatorFailure(doubt));
    const result = operation(this.#shard);
    if (failed(result)) return Promise.resolve(result);
    const problem = result.records.length === 0 ? undefined : this.#append(result);
    if (problem !== undefined) {
      result.completed?.(problem);
      return Promise.resolve(problem);
    }
    if (this.#committed >= this.#lastWritten) {
      result.completed?.(undefined);
      return Promise.resolve(result.response);
    }
    return new Promise(resolve => {
      this.#whenCommitted(failure => {
        result.completed?.(failure);
        resolve(failure ?? result.response);
      });
    });
  }

  #append({ records, isDivisible }: CoordinatorResult<unknown>): Failure | undefined {
    const { log, partition } = this.#options;
    if (isDivisible !== true) return this.#appendBatch(records);
    for (const part of divide(records, log.maxBatchBytes(partition))) {
      const problem = this.#appendBatch(part);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  #appendBatch(records: readonly CoordinatorRecord[]): Failure | undefined {
    const { log, partition, clock, compression } = this.#options;
    const timestamp = BigInt(clock.nowMs());
    const batch = buildBatch(
      records.map(({ key, value }) => ({ timestamp, key, value })),
      { leaderEpoch: this.epoch, compression },
    );
    const end = log.append(partition, this.epoch, batch.buffer);
    if (failed(end)) return coordinatorFailure(end);
    let offset = asOffset(end - BigInt(records.length));
    for (const record of records) {
      this.#shard.replay(record, { offset, producerId: NO_PRODUCER_ID, producerEpoch: NO_PRODUCER_EPOCH });
      offset = asOffset(offset + 1n);
    }
    this.#lastWritten = end;
    return undefined;
  }

  #whenCommitted(done: (failure: Failure | undefined) => void): void {
    const { log, partition, clock, writeTimeoutMs } = this.#options;
    const offset = this.#lastWritten;
    let isDone = false;
    const finish = (failure: Failure | undefined) => {
      if (isDone) return;
      isDone = true;
      timeout.cancel();
      done(failure);
    };
    const timeout = clock.startTimer(writeTimeoutMs, () =>
      finish(
        new Failure(
          Errors.COORDINATOR_NOT_AVAILABLE,
          `Partition ${partition} of the internal topic did not commit within ${writeTimeoutMs} ms: its replicas are behind or gone`,
        ),
      ),
    );
    log.whenCommitted(partition, offset, failure => {
      if (failure === undefined && offset > this.#committed) this.#committed = offset;
      finish(failure === undefined ? undefined : coordinatorFailure(failure));
    });
  }

  /** Ends the leadership: nothing is answered from this state any more. */
  stop(reason: string): void {
    if (this.#state === 'stopped') return;
    const wasActive = this.#state === 'active';
    this.#state = 'stopped';
    this.#stopReason = reason;
    this.#clearTimers();
    if (wasActive) this.#shard.dismiss();
  }

  #clearTimers(): void {
    for (const { timer } of this.#timers.values()) timer.cancel();
    this.#timers.clear();
  }

  /** Another broker may lead the partition by now, though this one does not know: whoever waits looks elsewhere. */
  doubted(): void {
    if (this.#state === 'active') this.#shard.dismiss();
  }

  #unavailable(): Failure {
    const { partition } = this.#options;
    return this.#state === 'loading'
      ? new Failure(
          Errors.COORDINATOR_LOAD_IN_PROGRESS,
          `Partition ${partition} of the internal topic is still being loaded: try again`,
        )
      : new Failure(
          Errors.NOT_COORDINATOR,
          `This broker does not coordinate partition ${partition} of the internal topic: ${this.#stopReason}`,
        );
  }

  #shardTimers(): CoordinatorTimers {
    return {
      schedule: (key, delayMs, operation) => this.#schedule(key, delayMs, operation),
      cancel: key => {
        this.#timers.get(key)?.timer.cancel();
        this.#timers.delete(key);
      },
      isScheduled: key => this.#timers.has(key),
    };
  }

  #schedule(key: string, delayMs: number, operation: () => CoordinatorResult<void>): void {
    // What completes after the end may still want to wait for something.
    if (this.#state === 'stopped') return;
    const dueMs = this.#options.clock.monotonicMs() + delayMs;
    const pending = this.#timers.get(key);
    if (pending !== undefined && pending.firesMs <= dueMs) {
      pending.dueMs = dueMs;
      pending.operation = operation;
      return;
    }
    pending?.timer.cancel();
    this.#timers.set(key, { dueMs, operation, timer: this.#startTimer(key, delayMs), firesMs: dueMs });
  }

  #startTimer(key: string, delayMs: number): Timer {
    return this.#options.clock.startTimer(delayMs, () => this.#fire(key));
  }

  #fire(key: string): void {
    const pending = this.#timers.get(key)!;
    const missingMs = pending.dueMs - this.#options.clock.monotonicMs();
    if (missingMs > 0) {
      pending.timer = this.#startTimer(key, missingMs);
      pending.firesMs = pending.dueMs;
      return;
    }
    this.#timers.delete(key);
    void this.write(pending.operation).then(result => {
      if (!failed(result) || this.#state !== 'active') return;
      const { logger, partition } = this.#options;
      logger.warn('A timer of the coordinator could not write its records', {
        partition,
        timer: key,
        error: result.toString(),
      });
      if (!isRetriable(result.code) || this.#timers.has(key)) return;
      this.#schedule(key, TIMER_RETRY_MS, pending.operation);
    });
  }
}

/** The records in parts, each of which fits into a batch of `maxBytes` unless a single record does not. */
function* divide(
  records: readonly CoordinatorRecord[],
  maxBytes: number,
): Iterable<readonly CoordinatorRecord[]> {
  let start = 0;
  let sizeBytes = BATCH_OVERHEAD_BYTES;
  for (let at = 0; at < records.length; at++) {
    const { key, value } = records[at]!;
    const recordBytes = RECORD_OVERHEAD_BYTES + key.length + (value?.length ?? 0);
    if (at > start && sizeBytes + recordBytes > maxBytes) {
      yield records.slice(start, at);
      start = at;
      sizeBytes = BATCH_OVERHEAD_BYTES;
    }
    sizeBytes += recordBytes;
  }
  if (start < records.length) yield records.slice(start);
}

/** What a coordinator's client is told when the partition behind the coordinator refuses. */
function coordinatorFailure(failure: Failure): Failure {
  switch (failure.code) {
    case Errors.NOT_LEADER_OR_FOLLOWER:
    case Errors.FENCED_LEADER_EPOCH:
    case Errors.KAFKA_STORAGE_ERROR:
      return new Failure(Errors.NOT_COORDINATOR, failure.message);
    case Errors.UNKNOWN_TOPIC_OR_PARTITION:
    case Errors.NOT_ENOUGH_REPLICAS:
    case Errors.NOT_ENOUGH_REPLICAS_AFTER_APPEND:
    case Errors.REQUEST_TIMED_OUT:
      return new Failure(Errors.COORDINATOR_NOT_AVAILABLE, failure.message);
    case Errors.MESSAGE_TOO_LARGE:
    case Errors.RECORD_LIST_TOO_LARGE:
    case Errors.INVALID_FETCH_SIZE:
      return new Failure(Errors.UNKNOWN_SERVER_ERROR, failure.message);
    default:
      return failure;
  }
}
