import assert from 'node:assert/strict';
import { Errors } from '../../src/model/error_codes.ts';
import { Failure } from '../../src/model/failure.ts';
import { asLeaderEpoch, asNodeId, asOffset, type NodeId, type Offset } from '../../src/model/ids.ts';
import type {
  CommittedBatch,
  LeaderAndEpoch,
  MetadataQuorum,
  QuorumListener,
  SnapshotId,
} from '../../src/raft/metadata_quorum.ts';

const MAX_BATCH_BYTES = 8 * 1024 * 1024;

/** A quorum of one that keeps its log in memory, and commits when it is told or by itself a little later. */
export class MemoryQuorum implements MetadataQuorum {
  readonly nodeId: NodeId;
  /** Every batch that was committed. */
  readonly log: CommittedBatch[] = [];
  /** Proposed and not committed yet. */
  readonly pending: CommittedBatch[] = [];
  readonly snapshots: { readonly id: SnapshotId; readonly values: readonly Buffer[] }[] = [];
  /** Whether what is proposed is committed in the next microtask. */
  autoCommit = true;
  resignedEpochs: number[] = [];
  #leader: LeaderAndEpoch = { leaderId: undefined, epoch: asLeaderEpoch(0) };
  #listener: QuorumListener | undefined;
  #nextOffset = 0n;

  constructor(nodeId = 1) {
    this.nodeId = asNodeId(nodeId);
  }

  get leaderAndEpoch(): LeaderAndEpoch {
    return this.#leader;
  }

  /** What is committed further on, and not told yet. */
  highWatermarkAhead: Offset | undefined;
  isHighWatermarkHeard = true;

  get highWatermark(): Offset | undefined {
    if (this.highWatermarkAhead !== undefined) return this.highWatermarkAhead;
    const last = this.log.at(-1);
    return last === undefined ? undefined : asOffset(last.lastOffset + 1n);
  }

  register(listener: QuorumListener): void {
    assert.equal(this.#listener, undefined, 'one listener');
    this.#listener = listener;
    if (this.log.length > 0) listener.committed(this.log);
    listener.leaderChanged(this.#leader);
  }

  propose(epoch: number, values: readonly Buffer[]): Offset | Failure {
    if (this.#leader.leaderId !== this.nodeId || epoch !== this.#leader.epoch) {
      return new Failure(Errors.NOT_CONTROLLER, `this node does not lead in epoch ${epoch}`);
    }
    const batch = this.#batch(values);
    if (batch.sizeBytes > MAX_BATCH_BYTES) return new Failure(Errors.MESSAGE_TOO_LARGE, 'too large');
    this.pending.push(batch);
    if (this.autoCommit) queueMicrotask(() => this.commit());
    return batch.lastOffset;
  }

  resign(epoch: number): void {
    this.resignedEpochs.push(epoch);
    this.elect(undefined);
  }

  takeSnapshot(endOffset: Offset, values: Iterable<Buffer>): Promise<SnapshotId> {
    const id = { endOffset, epoch: this.#leader.epoch };
    this.snapshots.push({ id, values: [...values] });
    return Promise.resolve(id);
  }

  /** Commits what was proposed: the first `count` batches, or all. */
  commit(count = this.pending.length): void {
    const batches = this.pending.splice(0, count);
    if (batches.length === 0) return;
    this.log.push(...batches);
    this.#listener?.committed(batches);
  }

  /** Appends and commits what another leader wrote. */
  receive(values: readonly Buffer[]): void {
    this.pending.push(this.#batch(values));
    this.commit();
  }

  /** Begins an epoch with the leader; what is not committed is lost. Leading nodes begin with a control batch. */
  elect(leaderId: number | undefined): void {
    const lost = this.pending.splice(0);
    this.#nextOffset -= lost.reduce((sum, batch) => sum + BigInt(batch.values.length), 0n);
    this.#leader = {
      leaderId: leaderId === undefined ? undefined : asNodeId(leaderId),
      epoch: asLeaderEpoch(this.#leader.epoch + 1),
    };
    this.#listener?.leaderChanged(this.#leader);
  }

  loadSnapshot(id: SnapshotId, values: readonly Buffer[]): void {
    this.#nextOffset = id.endOffset;
    this.#listener?.loadSnapshot(id, values);
  }

  #batch(values: readonly Buffer[]): CommittedBatch {
    const baseOffset = asOffset(this.#nextOffset);
    this.#nextOffset += BigInt(values.length);
    return {
      baseOffset,
      lastOffset: asOffset(this.#nextOffset - 1n),
      epoch: this.#leader.epoch,
      appendedMs: 0n,
      values,
      sizeBytes: values.reduce((sum, value) => sum + value.length + 8, 61),
    };
  }
}
