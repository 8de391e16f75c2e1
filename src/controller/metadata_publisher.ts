import { assert } from '../model/assert.ts';
import { Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import { asOffset, type Offset, offsetAfter } from '../model/ids.ts';
import { MAX_METADATA_TRANSACTION_RECORDS } from '../model/limits.ts';
import type { Clock, Logger } from '../model/ports.ts';
import { RecentHistogram } from '../model/recent_histogram.ts';
import type {
  CommittedBatch,
  LeaderAndEpoch,
  MetadataQuorum,
  QuorumListener,
  SnapshotId,
} from '../raft/metadata_quorum.ts';
import { deltaBetween } from './image/delta_between.ts';
import { MetadataDelta } from './image/metadata_delta.ts';
import { MetadataImage } from './image/metadata_image.ts';
import { decodeMetadataRecord, encodeMetadataRecord, type MetadataRecord } from './metadata_record.ts';

/** Acts on what the cluster has decided. Is called synchronously, one call at a time, in the order of the log. */
export interface MetadataSubscriber {
  /**
   * A group of batches was committed, or a snapshot was loaded: `delta` is what that changed, which may be nothing,
   * and `image` the state with it. The image is the publisher's: it is read, never changed, and it is another one
   * after a snapshot.
   */
  metadataChanged(delta: MetadataDelta, image: MetadataImage): void;
  /** The quorum has another leader, or another epoch. */
  leaderChanged?(leader: LeaderAndEpoch): void;
}

export interface MetadataPublisherOptions {
  readonly quorum: MetadataQuorum;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: SnapshotSettings;
  /** Is called at most once, when the log holds what this node can't understand: the node must stop. */
  readonly stop: (failure: Failure) => void;
}

/** How far the log may grow before a snapshot takes its place. */
export interface SnapshotSettings {
  /** `metadata.log.max.record.bytes.between.snapshots` */
  readonly maxBytesBetweenSnapshots: number;
  /** `metadata.log.max.snapshot.interval.ms`; 0: size alone decides. */
  readonly maxSnapshotIntervalMs: number;
}

interface PendingRecord {
  readonly record: MetadataRecord;
  readonly offset: Offset;
}

/**
 * Makes the metadata image of what the quorum commits, on every node, and tells its subscribers what changes. What is
 * between the borders of a transaction of metadata records is held back until it ends (KIP-868).
 *
 * A node that starts goes through the whole log again. Its subscribers are told of where that ends alone: who acted on
 * what was true long ago would lead partitions in epochs that are over, beside the records of later ones.
 */
export class MetadataPublisher implements QuorumListener {
  readonly #options: MetadataPublisherOptions;
  readonly #subscribers: MetadataSubscriber[] = [];
  #image = new MetadataImage();
  #leader: LeaderAndEpoch;
  /** Whether subscribers were told: all that was committed when the node started is in the image since then. */
  #isCaughtUp = false;
  /** Behind the last batch, or the snapshot, that the quorum told. */
  #toldEnd = asOffset(0n);
  /** The records of the open transaction; undefined while none is open. */
  #transaction: PendingRecord[] | undefined;
  /** The log holds something that can't be understood: nothing is applied any more. */
  #stopped = false;
  #bytesSinceSnapshot = 0;
  #lastSnapshotMs: number;
  #takingSnapshot = false;
  /** Milliseconds from the append to the commit of what this node led to it. */
  readonly commitLatencyMs: RecentHistogram;

  constructor(options: MetadataPublisherOptions) {
    this.#options = options;
    this.#leader = options.quorum.leaderAndEpoch;
    this.#lastSnapshotMs = options.clock.monotonicMs();
    this.commitLatencyMs = new RecentHistogram(this.#lastSnapshotMs);
  }

  /** The committed state; never to be changed. */
  get image(): MetadataImage {
    return this.#image;
  }

  get leader(): LeaderAndEpoch {
    return this.#leader;
  }

  /** Whether a transaction of metadata records is open: its writer has not ended it, or is gone. */
  get hasOpenTransaction(): boolean {
    return this.#transaction !== undefined;
  }

  /** Begins to listen to the quorum. Those who want all from the start subscribe before. */
  start(): void {
    this.#options.quorum.register(this);
  }

  /** Calls `subscriber` from now on, behind those before it; one that comes late is told of everything so far. */
  subscribe(subscriber: MetadataSubscriber): void {
    this.#subscribers.push(subscriber);
    if (this.#image.lastOffset >= 0n && this.#isCaughtUp) {
      subscriber.metadataChanged(deltaBetween(new MetadataImage(), this.#image), this.#image);
    }
    if (this.#leader.leaderId !== undefined) subscriber.leaderChanged?.(this.#leader);
  }

  committed(batches: readonly CommittedBatch[]): void {
    const delta = new MetadataDelta();
    for (const batch of batches) {
      if (this.#stopped) return;
      this.#apply(batch, delta);
      this.#toldEnd = offsetAfter(batch.lastOffset, 1);
      this.#noteLatency(batch);
    }
    if (this.#stopped) return;
    this.#publish(delta);
    this.#takeSnapshotIfDue();
  }

  #noteLatency({ epoch, appendedMs }: CommittedBatch): void {
    const { clock, quorum } = this.#options;
    if (this.#leader.leaderId !== quorum.nodeId || this.#leader.epoch !== epoch) return;
    this.commitLatencyMs.record(clock.nowMs() - Number(appendedMs), clock.monotonicMs());
  }

  loadSnapshot(id: SnapshotId, values: readonly Buffer[]): void {
    if (this.#stopped) return;
    const image = new MetadataImage();
    const lastOffset = asOffset(id.endOffset - 1n);
    for (const value of values) {
      const record = decodeMetadataRecord(value);
      if (failed(record)) {
        this.#stop(record, lastOffset);
        return;
      }
      image.replay(record, lastOffset);
    }
    image.lastOffset = lastOffset;
    image.lastEpoch = id.epoch;
    const delta = deltaBetween(this.#image, image);
    this.#image = image;
    this.#transaction = undefined;
    this.#snapshotDone();
    this.#toldEnd = id.endOffset;
    this.#publish(delta);
  }

  #publish(delta: MetadataDelta): void {
    if (this.#isCaughtUp) {
      for (const subscriber of this.#subscribers) subscriber.metadataChanged(delta, this.#image);
      return;
    }
    const { highWatermark, isHighWatermarkHeard } = this.#options.quorum;
    if (!isHighWatermarkHeard || highWatermark === undefined) return;
    if (this.#toldEnd >= highWatermark) this.#publishFirst();
  }

  #publishFirst(): void {
    this.#isCaughtUp = true;
    this.#publish(deltaBetween(new MetadataImage(), this.#image));
  }

  leaderChanged(leader: LeaderAndEpoch): void {
    this.#leader = leader;
    if (this.#stopped) return;
    // It was told of all that was committed before.
    if (leader.leaderId === this.#options.quorum.nodeId && !this.#isCaughtUp) this.#publishFirst();
    for (const subscriber of this.#subscribers) subscriber.leaderChanged?.(leader);
  }

  #apply(batch: CommittedBatch, delta: MetadataDelta): void {
    for (const [index, value] of batch.values.entries()) {
      const offset = offsetAfter(batch.baseOffset, index);
      const record = decodeMetadataRecord(value);
      if (failed(record)) {
        this.#stop(record, offset);
        return;
      }
      this.#applyRecord(record, offset, delta);
    }
    this.#bytesSinceSnapshot += batch.sizeBytes;
    if (this.#transaction !== undefined) return;
    this.#image.lastOffset = batch.lastOffset;
    this.#image.lastEpoch = batch.epoch;
  }

  #applyRecord(record: MetadataRecord, offset: Offset, delta: MetadataDelta): void {
    switch (record.type) {
      case 'BeginTransactionRecord':
        assert(this.#transaction === undefined, `a transaction begins at ${offset} within another`);
        this.#transaction = [];
        return;
      case 'EndTransactionRecord':
      case 'AbortTransactionRecord': {
        const records = this.#transaction;
        assert(records !== undefined, `a transaction ends at ${offset}, and none was open`);
        this.#transaction = undefined;
        if (record.type === 'AbortTransactionRecord') return;
        for (const pending of records) this.#image.replay(pending.record, pending.offset, delta);
        return;
      }
      default:
        if (this.#transaction === undefined) this.#image.replay(record, offset, delta);
        else this.#holdBack({ record, offset }, this.#transaction);
    }
  }

  #holdBack(pending: PendingRecord, transaction: PendingRecord[]): void {
    if (transaction.length < MAX_METADATA_TRANSACTION_RECORDS) transaction.push(pending);
    else {
      const text = `A transaction of metadata records is larger than ${MAX_METADATA_TRANSACTION_RECORDS} records`;
      this.#stop(new Failure(Errors.RECORD_LIST_TOO_LARGE, text), pending.offset);
    }
  }

  #stop(failure: Failure, offset: Offset): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#options.logger.error('cannot go on with the metadata log', { offset, error: failure.message });
    this.#options.stop(failure);
  }

  #takeSnapshotIfDue(): void {
    const { clock, quorum, settings, logger } = this.#options;
    if (this.#takingSnapshot || this.hasOpenTransaction || this.#image.metadataVersion === undefined) return;
    if (this.#bytesSinceSnapshot === 0) return;
    const { maxBytesBetweenSnapshots, maxSnapshotIntervalMs } = settings;
    const elapsedMs = clock.monotonicMs() - this.#lastSnapshotMs;
    const isTime = maxSnapshotIntervalMs > 0 && elapsedMs >= maxSnapshotIntervalMs;
    if (this.#bytesSinceSnapshot < maxBytesBetweenSnapshots && !isTime) return;
    this.#snapshotDone();
    this.#takingSnapshot = true;
    // A clone, because the image goes on while the quorum writes.
    const image = this.#image.clone();
    const endOffset = offsetAfter(image.lastOffset, 1);
    quorum.takeSnapshot(endOffset, encodedRecords(image)).then(result => {
      this.#takingSnapshot = false;
      if (failed(result)) logger.warn('no metadata snapshot', { endOffset, error: result.message });
      else logger.info('metadata snapshot', { endOffset, epoch: result.epoch });
    });
  }

  #snapshotDone(): void {
    this.#bytesSinceSnapshot = 0;
    this.#lastSnapshotMs = this.#options.clock.monotonicMs();
  }
}

function* encodedRecords(image: MetadataImage): Iterable<Buffer> {
  for (const record of image.records()) yield encodeMetadataRecord(record);
}
