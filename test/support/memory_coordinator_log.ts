import type { CoordinatorLog } from '../../src/coordinator/coordinator_log.ts';
import type { Failure } from '../../src/model/failure.ts';
import { asLeaderEpoch, asOffset, type Offset } from '../../src/model/ids.ts';
import { RecordBatch } from '../../src/records/record_batch.ts';

/** One partition of an internal topic, in memory; what is appended is committed when the test says so. */
export class MemoryCoordinatorLog implements CoordinatorLog {
  batches: RecordBatch[] = [];
  end = asOffset(0n);
  /** What appends are answered with instead of taking place. */
  refusal: Failure | undefined;
  /** Why another broker may lead by now. */
  doubtful: Failure | undefined;
  /** What reads are answered with instead, from this offset on. */
  damage: { from: Offset; failure: Failure } | undefined;
  /** Released by the test; reading waits for it. */
  readGate: Promise<void> = Promise.resolve();
  /** Whether everything is committed as soon as it is asked for. */
  commitsAtOnce = false;
  batchLimitBytes = 1_000_000;
  readonly waiting: { offset: Offset; done: (failure: Failure | undefined) => void }[] = [];

  append(_partition: number, leaderEpoch: number, buffer: Buffer): Offset | Failure {
    if (this.refusal !== undefined) return this.refusal;
    const batch = new RecordBatch(buffer);
    batch.baseOffset = this.end;
    batch.partitionLeaderEpoch = asLeaderEpoch(leaderEpoch);
    this.batches.push(batch);
    this.end = batch.nextOffset;
    return this.end;
  }

  whenCommitted(_partition: number, offset: Offset, done: (failure: Failure | undefined) => void): void {
    if (this.commitsAtOnce) done(undefined);
    else this.waiting.push({ offset, done });
  }

  /** Tells all that wait that their records are committed, or why they will not be. */
  commit(failure?: Failure): void {
    for (const { done } of this.waiting.splice(0)) done(failure);
  }

  async read(_partition: number, start: Offset): Promise<readonly RecordBatch[] | Failure> {
    await this.readGate;
    if (this.damage !== undefined && start >= this.damage.from) return this.damage.failure;
    return this.batches.filter(batch => batch.nextOffset > start).slice(0, 1);
  }

  doubt(): Failure | undefined {
    return this.doubtful;
  }

  maxBatchBytes(): number {
    return this.batchLimitBytes;
  }

  logStartOffset(): Offset {
    return this.batches[0]?.baseOffset ?? this.end;
  }
}
