import type { Failure } from '../model/failure.ts';
import type { LeaderEpoch, NodeId, Offset } from '../model/ids.ts';

/*
 * What the quorum offers to the state machine above it: a log of opaque records that the voters agree on. The
 * controller is that state machine; the quorum knows nothing of what the records mean.
 */

export interface LeaderAndEpoch {
  /** Undefined while the epoch has no leader, or none is known. */
  readonly leaderId: NodeId | undefined;
  readonly epoch: LeaderEpoch;
}

/** One committed batch, in the order of the log. */
export interface CommittedBatch {
  readonly baseOffset: Offset;
  readonly lastOffset: Offset;
  readonly epoch: LeaderEpoch;
  /** When the leader appended it, wall clock. */
  readonly appendedMs: bigint;
  /** The records' values; control records of the quorum itself are not among them. May be empty. */
  readonly values: readonly Buffer[];
  readonly sizeBytes: number;
}

/** A snapshot: the state as of just before `endOffset`, last written in `epoch`. */
export interface SnapshotId {
  readonly endOffset: Offset;
  readonly epoch: LeaderEpoch;
}

/** Is told of what the quorum decided, in order, one call at a time. */
export interface QuorumListener {
  /** The records between the last one told and the high watermark grew by these. */
  committed(batches: readonly CommittedBatch[]): void;
  /** Forget everything and start from this snapshot: its records, in order; what follows comes as committed. */
  loadSnapshot(id: SnapshotId, values: readonly Buffer[]): void;
  /**
   * The leader or the epoch changed. When this node is told that it leads itself, it has been told of everything
   * committed in earlier epochs before, and may propose.
   */
  leaderChanged(leader: LeaderAndEpoch): void;
}

export interface MetadataQuorum {
  readonly nodeId: NodeId;
  readonly leaderAndEpoch: LeaderAndEpoch;
  /** Everything below it is committed; undefined until the leader of the epoch has made it known. */
  readonly highWatermark: Offset | undefined;
  /**
   * Whether a leader has told this node, since it started, what is committed. Before, {@link highWatermark} is what the
   * node knew itself, and may be far behind.
   */
  readonly isHighWatermarkHeard: boolean;
  /** Tells the listener everything from the start of the log (or the latest snapshot) on. */
  register(listener: QuorumListener): void;
  /**
   * Appends records as one batch: all of them are committed, or none. Committed when a `committed` call brings the
   * offset; lost when the leadership ends before.
   * @returns the offset of the last record; NOT_CONTROLLER when this node does not lead in `epoch`; MESSAGE_TOO_LARGE
   */
  propose(epoch: LeaderEpoch, values: readonly Buffer[]): Offset | Failure;
  /** Gives the leadership up, because the state machine can't go on in `epoch`. */
  resign(epoch: LeaderEpoch): void;
  /**
   * Keeps a snapshot of the committed state and lets the log before it go. `values` is the state as of just before
   * `endOffset`; asked for by {@link QuorumListener} owners when the log has grown enough.
   */
  takeSnapshot(endOffset: Offset, values: Iterable<Buffer>): Promise<SnapshotId | Failure>;
}
