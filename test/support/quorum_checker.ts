import assert from 'node:assert/strict';
import type { Offset } from '../../src/model/ids.ts';
import type { CommittedBatch, SnapshotId } from '../../src/raft/metadata_quorum.ts';
import type { RecordBatch } from '../../src/records/record_batch.ts';

interface Committed {
  readonly baseOffset: Offset;
  readonly lastOffset: Offset;
  readonly epoch: number;
  readonly crc: number;
}

/** What the checker knows of a member's log. */
export interface CheckedLog {
  readonly startOffset: Offset;
  readonly batches: readonly RecordBatch[];
}

/**
 * What must hold in every quorum, whatever happens to its nodes, kept apart from the nodes' own code: each call checks
 * one more fact against everything that was seen before.
 */
export class QuorumChecker {
  readonly #leaders = new Map<number, string>();
  readonly #votes = new Map<string, string>();
  /** By base offset and epoch: the checksum, and the epoch of the batch before. */
  readonly #entries = new Map<string, { crc: number; epochBefore: number | undefined }>();
  readonly #committed: Committed[] = [];
  readonly #values: string[] = [];
  /** How many values there are before an offset at which a batch ends. */
  readonly #valueCounts = new Map<bigint, number>([[0n, 0]]);

  get committedEnd(): bigint {
    return (this.#committed.at(-1)?.lastOffset ?? -1n) + 1n;
  }

  get values(): readonly string[] {
    return this.#values;
  }

  get leaderCount(): number {
    return this.#leaders.size;
  }

  /** Election safety: an epoch has one leader at most. Leader completeness: it has everything that is committed. */
  leads(member: string, epoch: number, log: CheckedLog): void {
    const other = this.#leaders.get(epoch);
    assert(other === undefined || other === member, `${other} and ${member} both lead in epoch ${epoch}`);
    this.#leaders.set(epoch, member);
    const own = new Map(log.batches.map(batch => [batch.baseOffset, batch]));
    for (const committed of this.#committed) {
      if (committed.baseOffset < log.startOffset) continue;
      const batch = own.get(committed.baseOffset);
      assert(
        batch !== undefined && batch.crc === committed.crc && batch.partitionLeaderEpoch === committed.epoch,
        `${member} leads in epoch ${epoch} and lacks what is committed at ${committed.baseOffset}`,
      );
    }
  }

  /** A replica votes once in an epoch, whatever it loses in a crash. */
  votes(replica: string, epoch: number, candidate: string): void {
    const key = `${replica} ${epoch}`;
    const before = this.#votes.get(key);
    assert(
      before === undefined || before === candidate,
      `${replica} votes for ${before} and for ${candidate} in epoch ${epoch}`,
    );
    this.#votes.set(key, candidate);
  }

  /** Log matching: entries of the same offset and epoch are the same, and so is everything before them. */
  appended(batch: RecordBatch, before: RecordBatch | undefined): void {
    const key = `${batch.baseOffset} ${batch.partitionLeaderEpoch}`;
    const epochBefore = before?.partitionLeaderEpoch;
    const known = this.#entries.get(key);
    if (known === undefined) {
      this.#entries.set(key, { crc: batch.crc, epochBefore });
      return;
    }
    assert.equal(known.crc, batch.crc, `there are two batches at ${key}`);
    if (known.epochBefore === undefined) known.epochBefore = epochBefore;
    assert(
      epochBefore === undefined || known.epochBefore === epochBefore,
      `what is before ${key} is of epoch ${known.epochBefore} here and of ${epochBefore} there`,
    );
  }

  /** State machine safety: what one node was told at an offset, every node is told. */
  told(member: string, batch: CommittedBatch, crc: number | undefined): void {
    if (batch.baseOffset < this.committedEnd) {
      const known = this.#committed.find(each => each.baseOffset === batch.baseOffset);
      assert(
        known !== undefined,
        `${member} was told a batch at ${batch.baseOffset}, which others were told no batch at`,
      );
      assert.equal(batch.epoch, known.epoch, `${member} was told another epoch at ${batch.baseOffset}`);
      assert.equal(batch.lastOffset, known.lastOffset);
      assert(
        crc === undefined || crc === known.crc,
        `${member} was told another batch at ${batch.baseOffset}`,
      );
      return;
    }
    assert.equal(batch.baseOffset, this.committedEnd, `${member} was told what is behind a hole`);
    assert(crc !== undefined, `${member} was told what is not in its log, at ${batch.baseOffset}`);
    const { baseOffset, lastOffset, epoch } = batch;
    this.#committed.push({ baseOffset, lastOffset, epoch, crc });
    for (const value of batch.values) this.#values.push(value.toString());
    this.#valueCounts.set(lastOffset + 1n, this.#values.length);
  }

  /** A snapshot holds what was committed before its end. */
  loaded(member: string, id: SnapshotId, values: readonly Buffer[]): void {
    const count = this.#valueCounts.get(id.endOffset);
    assert(
      count !== undefined,
      `${member} was given a snapshot that ends at ${id.endOffset}, where no batch ends`,
    );
    assert.deepEqual(
      values.map(String),
      this.#values.slice(0, count),
      `${member} was given a wrong snapshot`,
    );
  }
}
