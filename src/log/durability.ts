import { assert } from '../model/assert.ts';
import { Errors } from '../model/error_codes.ts';
import { Failure } from '../model/failure.ts';
import { maxOffset, minOffset, type Offset } from '../model/ids.ts';
import type { Clock, Timer } from '../model/ports.ts';
import type { LogConfig } from './log_config.ts';
import type { SyncTurns } from './sync_turns.ts';

/** Timers of more are not started: the largest delay that a timer can have. */
const MAX_TIMER_MS = 0x7fffffff;

/** What {@link Durability} needs of its log. */
export interface DurabilityOwner {
  readonly config: LogConfig;
  readonly endOffset: Offset;
  readonly syncTurns: SyncTurns;
  readonly persistence: {
    /** Makes durable what was appended before the call. @throws {DiskError} */
    sync(): Promise<void>;
  };
  /** Told when {@link Durability.durableOffset} has risen after a sync. */
  readonly durableListener: ((offset: Offset) => void) | undefined;
  /** A sync failed; errors that are none of the disk go on. */
  fail(error: unknown): void;
}

interface Waiter {
  readonly offset: Offset;
  readonly settle: (failure: Failure | undefined) => void;
}

/**
 * Group commit: one sync at a time; it covers all that was appended before it began, and those who come meanwhile
 * share the next one. While other logs sync it waits for its turn, and what is appended until then is part of it. With
 * `write.caching` nobody waits, unless `flush.messages` says so.
 *
 * idle → (an append, a request) → queued → (its turn) → syncing → (its end; nothing more is wanted) → idle
 *                                                               → (its end; more was appended meanwhile) → queued
 *                                                               → (an error) → failed, for ever
 */
export class Durability {
  readonly #owner: DurabilityOwner;
  readonly #clock: Clock;
  #syncedOffset: Offset;
  #durableOffset: Offset;
  /** Settles at the end of the sync that is queued or under way. */
  #syncing: Promise<void> | undefined;
  /** Up to where a sync was asked for; above {@link #syncedOffset} while one is wanted. */
  #wantedOffset: Offset;
  /** Whether appends wait for a sync in spite of write caching, because `flush.messages` is reached. */
  #isHeld = false;
  #flushTimer: Timer | undefined;
  #durableWaiters: Waiter[] = [];
  #syncWaiters: Waiter[] = [];
  #failure: Failure | undefined;
  /** No sync is to begin: the log is being truncated. */
  #isPaused = false;

  /** @param offset all below it is on the disk */
  constructor(owner: DurabilityOwner, clock: Clock, offset: Offset) {
    this.#owner = owner;
    this.#clock = clock;
    this.#syncedOffset = offset;
    this.#durableOffset = offset;
    this.#wantedOffset = offset;
  }

  /** All below it is on the disk for good. */
  get syncedOffset(): Offset {
    return this.#syncedOffset;
  }

  /** All below it may be acknowledged: it is on the disk, or with `write.caching` in the system's cache. */
  get durableOffset(): Offset {
    return this.#durableOffset;
  }

  /** Whether a sync is under way, or waits for its turn. */
  get isSyncing(): boolean {
    return this.#syncing !== undefined;
  }

  /** Something was appended. */
  appended(): void {
    const { config, endOffset } = this.#owner;
    if (!config.writeCaching) {
      this.request();
    } else if (this.#isHeld || endOffset - this.#syncedOffset >= BigInt(config.flushMessages)) {
      this.#isHeld = true;
      this.request();
    } else {
      this.#durableOffset = endOffset;
      this.#startFlushTimer(config.flushMs);
    }
  }

  #startFlushTimer(flushMs: number): void {
    if (this.#flushTimer !== undefined || flushMs > MAX_TIMER_MS) return;
    this.#flushTimer = this.#clock.startTimer(flushMs, () => {
      this.#flushTimer = undefined;
      this.request();
    });
  }

  /** Begins a sync of all that was appended, now or after the one that is under way. */
  request(): void {
    this.#wantedOffset = this.#owner.endOffset;
    this.#start();
  }

  /** Resolves when all below `offset` may be acknowledged; with a failure if that will never be. */
  awaitDurable(offset: Offset): Promise<Failure | undefined> {
    assert(offset <= this.#owner.endOffset, `offset ${offset} is behind the end of the log`);
    if (this.#failure !== undefined) return Promise.resolve(this.#failure);
    if (offset <= this.#durableOffset) return Promise.resolve(undefined);
    if (this.#wantedOffset < offset) this.request();
    return new Promise(settle => this.#durableWaiters.push({ offset, settle }));
  }

  /** Resolves when all that was appended so far is on the disk; with a failure if that will never be. */
  awaitSynced(): Promise<Failure | undefined> {
    const { endOffset } = this.#owner;
    if (this.#failure !== undefined) return Promise.resolve(this.#failure);
    const waiting = new Promise<Failure | undefined>(settle =>
      this.#syncWaiters.push({ offset: endOffset, settle }),
    );
    this.request();
    if (this.#syncedOffset >= endOffset && this.#syncing === undefined) this.#release();
    return waiting;
  }

  /** Begins no more syncs, and resolves when none is under way: until {@link truncated}. */
  async pause(): Promise<void> {
    this.#isPaused = true;
    while (this.#syncing !== undefined) await this.#syncing;
  }

  #start(): void {
    if (this.#syncing !== undefined || this.#failure !== undefined || this.#isPaused) return;
    if (this.#owner.endOffset <= this.#syncedOffset) return;
    this.#flushTimer?.cancel();
    this.#flushTimer = undefined;
    const { syncTurns } = this.#owner;
    this.#syncing = syncTurns
      .take(() => this.#sync())
      .then(
        offset => this.#synced(offset),
        error => {
          this.#syncing = undefined;
          this.#owner.fail(error);
        },
      );
  }

  /** Syncs what was appended up to now; returns the offset behind it. */
  async #sync(): Promise<Offset> {
    // The log may have failed, and its files be closed, while it waited for its turn.
    if (this.#failure !== undefined) return this.#syncedOffset;
    const { endOffset, persistence } = this.#owner;
    await persistence.sync();
    return endOffset;
  }

  #synced(offset: Offset): void {
    this.#syncing = undefined;
    if (this.#failure !== undefined) return;
    this.#syncedOffset = maxOffset(this.#syncedOffset, offset);
    const { config, endOffset } = this.#owner;
    this.#isHeld = config.writeCaching && endOffset - this.#syncedOffset >= BigInt(config.flushMessages);
    const durable = config.writeCaching && !this.#isHeld ? endOffset : this.#syncedOffset;
    const rose = durable > this.#durableOffset;
    this.#durableOffset = maxOffset(this.#durableOffset, durable);
    if (this.#wantedOffset > this.#syncedOffset) this.#start();
    this.#release();
    if (rose) this.#owner.durableListener?.(this.#durableOffset);
  }

  #release(): void {
    this.#durableWaiters = settleUpTo(this.#durableWaiters, this.#durableOffset);
    this.#syncWaiters = settleUpTo(this.#syncWaiters, this.#syncedOffset);
  }

  /** The log ends at `offset` now, with all of it on the disk: ends the {@link pause}. */
  truncated(offset: Offset): void {
    assert(this.#isPaused && this.#syncing === undefined, 'the log is truncated while it is synced');
    this.#isPaused = false;
    const gone = new Failure(
      Errors.NOT_LEADER_OR_FOLLOWER,
      `The records were truncated at offset ${offset} before they were durable, because the partition has a new leader`,
    );
    this.#syncedOffset = offset;
    this.#durableOffset = offset;
    this.#release();
    this.#dismiss(gone);
    this.#wantedOffset = minOffset(this.#wantedOffset, offset);
    this.#isHeld = false;
  }

  /** Nothing becomes durable any more: all who wait get the failure, and those who come. */
  fail(failure: Failure): void {
    this.#failure = failure;
    this.#flushTimer?.cancel();
    this.#flushTimer = undefined;
    this.#dismiss(failure);
  }

  #dismiss(failure: Failure): void {
    const waiters = [...this.#durableWaiters, ...this.#syncWaiters];
    this.#durableWaiters = [];
    this.#syncWaiters = [];
    for (const { settle } of waiters) settle(failure);
  }
}

/** Settles those who wait for offsets up to `offset`; returns the others. */
function settleUpTo(waiters: Waiter[], offset: Offset): Waiter[] {
  if (waiters.length === 0 || waiters.every(waiter => waiter.offset > offset)) return waiters;
  for (const waiter of waiters) if (waiter.offset <= offset) waiter.settle(undefined);
  return waiters.filter(waiter => waiter.offset > offset);
}
