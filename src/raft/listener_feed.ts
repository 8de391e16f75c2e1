import { Errors } from '../model/error_codes.ts';
import { type Failure, failed } from '../model/failure.ts';
import { asOffset, maxOffset, type Offset } from '../model/ids.ts';
import { metadataBatches } from './metadata_batches.ts';
import type { CommittedBatch, LeaderAndEpoch, QuorumListener } from './metadata_quorum.ts';
import type { OffsetAndEpoch } from './offset_and_epoch.ts';
import type { QuorumCore } from './quorum_core.ts';
import { batchValues, readSnapshotValues } from './snapshot_format.ts';
import { BOOTSTRAP_SNAPSHOT } from './snapshot_store.ts';

/** How much of the log is in memory for one call. */
const READ_BYTES = 1024 * 1024;
const LOG_START = asOffset(0n);

/**
 * Tells one listener what is committed, in order, from the log itself: nothing is kept in memory for those that are
 * behind. One read is under way at a time.
 */
export class ListenerFeed {
  readonly #core: QuorumCore;
  readonly #listener: QuorumListener;
  /** What comes next; undefined: nothing was told yet. */
  #next: Offset | undefined;
  #told: LeaderAndEpoch | undefined;
  #isReading = false;
  #isClosed = false;

  constructor(core: QuorumCore, listener: QuorumListener) {
    this.#core = core;
    this.#listener = listener;
  }

  /** Tells what there is to tell. */
  advance(): void {
    if (this.#isClosed) return;
    this.#tellLeader();
    if (!this.#isReading && this.#hasMore) void this.#tellCommitted();
  }

  close(): void {
    this.#isClosed = true;
  }

  get #hasMore(): boolean {
    const { committedEnd } = this.#core;
    return committedEnd !== undefined && (this.#next ?? LOG_START) < committedEnd;
  }

  async #tellCommitted(): Promise<void> {
    this.#isReading = true;
    while (this.#hasMore && !this.#isClosed) {
      const next = this.#next;
      const snapshot = this.#neededSnapshot();
      const failure = snapshot === undefined ? await this.#tellBatches() : await this.#tellSnapshot(snapshot);
      if (failure !== undefined && !this.#isClosed) {
        this.#isReading = false;
        this.#core.fatal(failure);
        return;
      }
      // Nothing came of it: the log ends inside what is committed, for now.
      if (this.#next === next && this.#neededSnapshot() === snapshot) break;
      this.#tellLeader();
    }
    this.#isReading = false;
  }

  /** The snapshot to go on with: of what the log does not have any more, or to be quick at the start. */
  #neededSnapshot(): OffsetAndEpoch | undefined {
    const { latestSnapshot, startOffset } = this.#core.log;
    if (latestSnapshot === undefined || latestSnapshot.offset === BOOTSTRAP_SNAPSHOT.offset) return undefined;
    return this.#next === undefined || this.#next < startOffset ? latestSnapshot : undefined;
  }

  async #tellSnapshot(id: OffsetAndEpoch): Promise<Failure | undefined> {
    const { log } = this.#core;
    const file = log.snapshotFile(id);
    const values = failed(file) ? file : await readSnapshotValues(file);
    if (failed(values)) return log.snapshots.has(id) ? values : undefined;
    if (this.#isClosed) return undefined;
    this.#next = id.offset;
    this.#listener.loadSnapshot({ endOffset: id.offset, epoch: id.epoch }, values);
    return undefined;
  }

  async #tellBatches(): Promise<Failure | undefined> {
    const { log } = this.#core;
    const next = maxOffset(this.#next ?? LOG_START, LOG_START);
    const buffers = await log.read(next, READ_BYTES);
    if (failed(buffers)) {
      // The log was cut, or went on behind a snapshot: it is read again when that is over.
      const isPassing = buffers.code === Errors.REPLICA_NOT_AVAILABLE || next < log.startOffset;
      return isPassing ? undefined : buffers;
    }
    if (this.#isClosed) return undefined;
    const { committedEnd } = this.#core;
    const told: CommittedBatch[] = [];
    let end = next;
    const batches = metadataBatches(buffers);
    if (failed(batches)) return batches;
    for (const batch of batches) {
      if (committedEnd === undefined || batch.nextOffset > committedEnd) break;
      if (batch.nextOffset <= next) continue;
      const values = batchValues(batch);
      if (failed(values)) return values;
      const { baseOffset, lastOffset, partitionLeaderEpoch: epoch, sizeBytes } = batch;
      told.push({ baseOffset, lastOffset, epoch, appendedMs: batch.maxTimestamp, values, sizeBytes });
      end = batch.nextOffset;
    }
    this.#next = end;
    if (told.length > 0) this.#listener.committed(told);
    return undefined;
  }

  #tellLeader(): void {
    const { quorum } = this.#core;
    const { state, epoch } = quorum;
    if (state.role === 'leader' && (this.#next ?? LOG_START) <= state.leader.epochStartOffset) return;
    const leaderId = state.role === 'resigned' ? undefined : state.leaderId;
    if (this.#told?.epoch === epoch && this.#told.leaderId === leaderId) return;
    this.#told = { leaderId, epoch };
    this.#listener.leaderChanged(this.#told);
  }
}
