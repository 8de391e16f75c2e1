import { assert } from '../model/assert.ts';
import { Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import { asLeaderEpoch, asOffset, minOffset, type Offset } from '../model/ids.ts';
import { MAX_QUORUM_FETCH_BYTES } from '../model/limits.ts';
import type { RecordBatch } from '../records/record_batch.ts';
import { metadataBatches } from './metadata_batches.ts';
import type { MetadataLog } from './metadata_log.ts';
import { compareOffsetAndEpoch, type OffsetAndEpoch } from './offset_and_epoch.ts';
import { readSnapshot } from './snapshot_format.ts';
import { BOOTSTRAP_SNAPSHOT, type SnapshotStore, snapshotName } from './snapshot_store.ts';
import { VoterHistory } from './voter_history.ts';
import type { VoterSet } from './voter_set.ts';

const EPOCH_ZERO = asLeaderEpoch(0);

/** How a follower's log fits the leader's. */
export type Fit =
  | { readonly kind: 'valid' }
  /** They differ somewhere behind this position, the last that they may share. */
  | { readonly kind: 'diverging'; readonly end: OffsetAndEpoch }
  /** The leader has the records that the follower needs in a snapshot only. */
  | { readonly kind: 'snapshot'; readonly id: OffsetAndEpoch };

export interface RaftLogEvents {
  /** {@link RaftLog.durableEnd} moved. */
  durable(): void;
  failed(failure: Failure): void;
}

/** How much of the log and its snapshots is kept beyond the latest snapshot. Negative: no limit. */
export interface MetadataRetention {
  /** `metadata.max.retention.bytes`: of log and snapshots together. */
  readonly maxBytes: number;
  /** `metadata.max.retention.ms`: since a snapshot was written. */
  readonly maxAgeMs: number;
}

/**
 * The metadata log with its snapshots and with the voters that both name. Every append is synced: one sync for all
 * that was appended while the one before was on its way, and for all of one turn of the event loop.
 */
export class RaftLog {
  #history: VoterHistory;
  #staticVoters: VoterSet;
  readonly #log: MetadataLog;
  readonly #snapshots: SnapshotStore;
  readonly #events: RaftLogEvents;
  /** What has to be durable besides the log before its end counts. */
  readonly #alsoSync: () => Promise<Failure | undefined>;
  /** Everything before it survives a crash. At most the end of the log. */
  #durableEnd: Offset;
  /** Counts truncations: a sync that began before one proves nothing. */
  #truncations = 0;
  /** Resolves when the truncation or the restart that is under way has ended. */
  #changed: Promise<void> | undefined;
  /** Resolves when the sync that is under way has ended. */
  #syncing: Promise<void> | undefined;
  #isClosed = false;
  /** Set while a fetched snapshot is put in place. */
  isHeld = false;

  constructor(
    parts: { log: MetadataLog; snapshots: SnapshotStore; staticVoters: VoterSet },
    events: RaftLogEvents,
    alsoSync: () => Promise<Failure | undefined> = () => Promise.resolve(undefined),
  ) {
    this.#log = parts.log;
    this.#snapshots = parts.snapshots;
    this.#staticVoters = parts.staticVoters;
    this.#history = new VoterHistory(parts.staticVoters);
    this.#events = events;
    this.#alsoSync = alsoSync;
    this.#durableEnd = parts.log.startOffset;
  }

  /**
   * Makes log and snapshots fit each other, reads the voters, and makes everything durable.
   * @returns KAFKA_STORAGE_ERROR or CORRUPT_MESSAGE when the log can't be used
   */
  async load(): Promise<Failure | undefined> {
    const latest = this.#snapshots.latest;
    if (this.#log.startOffset > 0n && (latest === undefined || latest.offset < this.#log.startOffset)) {
      return new Failure(
        Errors.KAFKA_STORAGE_ERROR,
        `The metadata log begins at ${this.#log.startOffset}, and there is no snapshot of what was before it (the ` +
          `latest is ${latest === undefined ? 'none' : snapshotName(latest)}): restore the snapshot, or remove the ` +
          'directory and add the node to the quorum as a new voter',
      );
    }
    const first = this.#snapshots.ids.find(id => id.offset >= this.#log.startOffset);
    const unclean = first === undefined ? undefined : this.#snapshots.removeBefore(first);
    if (unclean !== undefined) return unclean;
    const unusable =
      (await this.#restartBehindLatest()) ?? (await this.#readVoters()) ?? (await this.#log.sync());
    if (unusable === undefined) this.#durableEnd = this.#log.endOffset;
    return unusable;
  }

  /** A snapshot that was fetched may be ahead of the log: the crash came before the log was let go. */
  async #restartBehindLatest(): Promise<Failure | undefined> {
    const latest = this.#snapshots.latest;
    if (latest === undefined || !this.#isBehind(latest)) return undefined;
    return (await this.#log.restartAt(latest.offset)) ?? this.#snapshots.removeBefore(latest);
  }

  /** Whether the log lacks records that the snapshot stands for. */
  #isBehind(snapshot: OffsetAndEpoch): boolean {
    const end = { offset: this.#log.endOffset, epoch: this.#log.lastEpoch ?? EPOCH_ZERO };
    return compareOffsetAndEpoch(snapshot, end) > 0 || snapshot.offset > end.offset;
  }

  async #readVoters(): Promise<Failure | undefined> {
    const latest = this.#snapshots.latest;
    let next = this.#log.startOffset;
    if (latest !== undefined) {
      const history = await this.#historyOf(latest);
      if (failed(history)) return history;
      this.#history = history;
      if (latest.offset > next) next = latest.offset;
    }
    while (next < this.#log.endOffset) {
      const buffers = await this.#log.read(next, MAX_QUORUM_FETCH_BYTES);
      if (failed(buffers)) return buffers;
      const batches = metadataBatches(buffers);
      if (failed(batches)) return batches;
      assert(batches.length > 0, `the metadata log has nothing at ${next}, before its end`);
      for (const batch of batches) {
        const failure = this.#history.follow(batch);
        if (failure !== undefined) return failure;
        next = batch.nextOffset;
      }
    }
    return undefined;
  }

  async #historyOf(id: OffsetAndEpoch): Promise<VoterHistory | Failure> {
    const file = this.snapshotFile(id);
    if (failed(file)) return file;
    const history = new VoterHistory(this.#staticVoters);
    const lastOffset = asOffset(id.offset - 1n);
    return (await readSnapshot(file, batch => history.follow(batch, lastOffset))) ?? history;
  }

  /** Takes the voters from the bootstrap snapshot, which was just written. */
  async loadBootstrap(): Promise<Failure | undefined> {
    const history = await this.#historyOf(BOOTSTRAP_SNAPSHOT);
    if (failed(history)) return history;
    this.#history = history;
    return undefined;
  }

  /** Static voters hold from now on, as long as the log names none. */
  useStaticVoters(staticVoters: VoterSet): void {
    this.#staticVoters = staticVoters;
    this.#history.staticVoters = staticVoters;
  }

  /** The voters and the protocol's version, as of the end of the log. */
  get history(): VoterHistory {
    return this.#history;
  }

  get startOffset(): Offset {
    return this.#log.startOffset;
  }

  get endOffset(): Offset {
    return this.#log.endOffset;
  }

  get durableEnd(): Offset {
    return this.#durableEnd;
  }

  /** Where the log ends, and in which epoch: what a vote is about. */
  get end(): OffsetAndEpoch {
    return { offset: this.#log.endOffset, epoch: this.#log.lastEpoch ?? this.#snapshotEpoch() };
  }

  #snapshotEpoch() {
    const latest = this.#snapshots.latest;
    return latest !== undefined && latest.offset === this.#log.endOffset ? latest.epoch : EPOCH_ZERO;
  }

  /** Whether nothing was ever written: no record, and no snapshot. */
  get isEmpty(): boolean {
    return this.#log.endOffset === 0n && this.#snapshots.latest === undefined;
  }

  get latestSnapshot(): OffsetAndEpoch | undefined {
    return this.#snapshots.latest;
  }

  get snapshots(): SnapshotStore {
    return this.#snapshots;
  }

  snapshotFile(id: OffsetAndEpoch) {
    const sizeBytes = this.#snapshots.sizeBytes(id);
    if (failed(sizeBytes)) return sizeBytes;
    return {
      name: snapshotName(id),
      sizeBytes,
      read: (position: number, length: number) => this.#snapshots.read(id, position, length),
    };
  }

  /** The epoch before `endOffset`, which a snapshot that ends there is named by; undefined when the log lacks it. */
  epochBefore(endOffset: Offset) {
    const known = this.#snapshots.ids.find(id => id.offset === endOffset);
    return endOffset === 0n ? EPOCH_ZERO : (this.#log.epochAt(asOffset(endOffset - 1n)) ?? known?.epoch);
  }

  /** Batches that go on from the end. They hold at once, and are durable when {@link durableEnd} has passed them. */
  append(batches: readonly RecordBatch[]): Failure | undefined {
    const [first] = batches;
    const last = batches.at(-1);
    assert(this.#changed === undefined, 'nothing is appended while the log is cut');
    assert(first?.baseOffset === this.#log.endOffset, 'what is appended must go on from the end of the log');
    for (const batch of batches) {
      const malformed = this.#history.follow(batch);
      if (malformed !== undefined) {
        this.#history.truncate(this.#log.endOffset);
        return malformed;
      }
    }
    const records = batches.length === 1 ? first.buffer : Buffer.concat(batches.map(batch => batch.buffer));
    const failure = this.#log.append(records, last!.partitionLeaderEpoch);
    if (failure !== undefined) this.#events.failed(failure);
    else this.#syncing ??= this.#syncAll();
    return failure;
  }

  async #syncAll(): Promise<void> {
    // Not at once: what is appended in the same turn of the event loop shares the sync.
    await Promise.resolve();
    while (this.#durableEnd < this.#log.endOffset && !this.#isClosed) {
      const { endOffset } = this.#log;
      const truncations = this.#truncations;
      const [failure, otherFailure] = await Promise.all([this.#log.sync(), this.#alsoSync()]);
      if (truncations !== this.#truncations) {
        await this.#changed;
        continue;
      }
      const first = failure ?? otherFailure;
      if (first !== undefined) {
        this.#events.failed(first);
        break;
      }
      this.#durableEnd = endOffset;
      this.#events.durable();
    }
    this.#syncing = undefined;
  }

  /**
   * Drops what the leader does not have.
   * @param divergence the last position that the leader says both may share
   * @param committedEnd what no leader can lack
   * @returns where the log ends now; INVALID_REQUEST when the leader lacks what is committed
   */
  async truncateTo(divergence: OffsetAndEpoch, committedEnd: Offset | undefined): Promise<Offset | Failure> {
    const own = this.#log.endOfEpoch(divergence.epoch) ?? this.end;
    const offset = own.epoch === divergence.epoch ? minOffset(own.offset, divergence.offset) : own.offset;
    if (committedEnd !== undefined && offset < committedEnd) {
      return new Failure(
        Errors.INVALID_REQUEST,
        `The leader's log differs from this node's from offset ${offset} on, and what is before ${committedEnd} is ` +
          'committed: a voter has lost its data, or two clusters are mixed',
      );
    }
    return await this.#change(async () => {
      const failure = await this.#log.truncateTo(offset);
      if (failure !== undefined) return failure;
      this.#history.truncate(this.#log.endOffset);
      this.#durableEnd = minOffset(this.#durableEnd, this.#log.endOffset);
      return this.#log.endOffset;
    });
  }

  /** Whether the log is being cut or restarted, or is about to be: its end is nothing to stand for election with. */
  get isChanging(): boolean {
    return this.#changed !== undefined || this.isHeld;
  }

  async #change<T>(change: () => Promise<T>): Promise<T> {
    assert(this.#changed === undefined, 'the log is cut by one at a time');
    this.#truncations++;
    const result = change();
    this.#changed = result.then(() => undefined);
    try {
      return await result;
    } finally {
      this.#changed = undefined;
    }
  }

  /** Goes on behind the latest snapshot, which was fetched, unless the log has got there meanwhile. */
  async restartAtLatestSnapshot(): Promise<Failure | undefined> {
    const { latest } = this.#snapshots;
    assert(latest !== undefined, 'there is a snapshot to restart at');
    const history = await this.#historyOf(latest);
    if (failed(history)) return history;
    if (!this.#isBehind(latest)) return undefined;
    return await this.#change(async () => {
      const failure = await this.#restartBehindLatest();
      if (failure !== undefined) return failure;
      this.#history = history;
      this.#durableEnd = this.#log.endOffset;
      return undefined;
    });
  }

  /** Whether a follower whose log ends at `position` can go on with the leader's records from there. */
  fit(position: OffsetAndEpoch): Fit {
    const { earliest, latest } = this.#snapshots;
    if (position.offset === 0n) {
      const hasSnapshot = latest !== undefined && compareOffsetAndEpoch(latest, BOOTSTRAP_SNAPSHOT) !== 0;
      if (hasSnapshot) return { kind: 'snapshot', id: latest };
      if (this.#log.startOffset === 0n) return { kind: 'valid' };
    }
    if (earliest !== undefined && latest !== undefined) {
      const isBefore =
        position.offset < this.#log.startOffset ||
        (position.offset === this.#log.startOffset && position.epoch !== earliest.epoch) ||
        position.epoch < earliest.epoch;
      if (isBefore) return { kind: 'snapshot', id: latest };
    }
    const end = this.#endOfEpoch(position, earliest);
    if (end.epoch === position.epoch && end.offset >= position.offset) return { kind: 'valid' };
    return { kind: 'diverging', end };
  }

  #endOfEpoch(position: OffsetAndEpoch, earliest: OffsetAndEpoch | undefined): OffsetAndEpoch {
    const end = this.#log.endOfEpoch(position.epoch);
    if (end === undefined) return this.end;
    // Epochs before the log's first are known by the snapshot at its start alone.
    return earliest !== undefined && end.offset === earliest.offset && end.epoch === position.epoch
      ? earliest
      : end;
  }

  read(offset: Offset, maxBytes: number): ReturnType<MetadataLog['read']> {
    return this.#log.read(offset, maxBytes);
  }

  /** Lets old snapshots go, and the log before the oldest that stays, as far as the retention allows. */
  clean(retention: MetadataRetention, nowMs: number): Failure | undefined {
    for (;;) {
      const [oldest, next] = this.#snapshots.ids;
      if (oldest === undefined || next === undefined) return undefined;
      const sizes = this.#snapshots.ids.map(id => this.#snapshots.sizeBytes(id));
      const failure = sizes.find(failed);
      if (failure !== undefined) return failure;
      const totalBytes = (sizes as number[]).reduce((sum, size) => sum + size, this.#log.sizeBytes);
      const ageMs = nowMs - this.#snapshots.modifiedMs(oldest);
      const isTooLarge = retention.maxBytes >= 0 && totalBytes > retention.maxBytes;
      const isTooOld = retention.maxAgeMs >= 0 && ageMs > retention.maxAgeMs;
      if (!isTooLarge && !isTooOld) return undefined;
      const unclean = this.#log.deleteBefore(next.offset) ?? this.#snapshots.removeBefore(next);
      if (unclean !== undefined) return unclean;
      this.#history.forgetBefore(this.#log.startOffset);
    }
  }

  /** Ends after the sync that is under way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#syncing;
    await this.#changed;
    this.#snapshots.close();
    await this.#log.close();
  }
}
