import { Errors } from '../../src/model/error_codes.ts';
import { Failure } from '../../src/model/failure.ts';
import { asOffset, type LeaderEpoch, type Offset } from '../../src/model/ids.ts';
import type { Clock, Random } from '../../src/model/ports.ts';
import type { MetadataLog } from '../../src/raft/metadata_log.ts';
import type { OffsetAndEpoch } from '../../src/raft/offset_and_epoch.ts';
import { RecordBatch } from '../../src/records/record_batch.ts';
import { splitBatches } from '../../src/records/split_batches.ts';

/** What a machine's disk holds of a log: as its processes see it, and how much of that survives a power cut. */
export class MemoryLogDisk {
  batches: RecordBatch[] = [];
  startOffset = asOffset(0n);
  endOffset = asOffset(0n);
  /** Batches that survive a power cut; a prefix of {@link batches} or, after a truncation, what was there before. */
  stable: { batches: readonly RecordBatch[]; startOffset: Offset; endOffset: Offset } = {
    batches: [],
    startOffset: asOffset(0n),
    endOffset: asOffset(0n),
  };

  makeStable(): void {
    const { batches, startOffset, endOffset } = this;
    this.stable = { batches: [...batches], startOffset, endOffset };
  }

  /** Cuts the power: of what was not synced, a random number of batches is there. */
  crash(random: Random): void {
    const { stable } = this;
    const isExtension = stable.batches.every((batch, index) => this.batches[index] === batch);
    if (isExtension && this.startOffset === stable.startOffset) {
      const unsynced = this.batches.length - stable.batches.length;
      this.batches.length = stable.batches.length + Math.floor(random.fraction() * (unsynced + 1));
      this.endOffset = this.batches.at(-1)?.nextOffset ?? stable.endOffset;
    } else {
      this.batches = [...stable.batches];
      this.startOffset = stable.startOffset;
      this.endOffset = stable.endOffset;
    }
    this.makeStable();
  }

  /** Everything is lost. */
  wipe(): void {
    this.batches = [];
    this.startOffset = asOffset(0n);
    this.endOffset = asOffset(0n);
    this.makeStable();
  }
}

export interface MemoryLogOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** A sync takes up to so long. */
  readonly syncMs: number;
  /** The share of reads that give one batch only, as a read may. */
  readonly shortReads?: number;
}

/** A metadata log in memory, whose syncs take time and whose truncations are over when they are durable. */
export class MemoryMetadataLog implements MetadataLog {
  readonly #disk: MemoryLogDisk;
  readonly #options: MemoryLogOptions;
  #isTruncating = false;

  constructor(disk: MemoryLogDisk, options: MemoryLogOptions) {
    this.#disk = disk;
    this.#options = options;
  }

  get startOffset(): Offset {
    return this.#disk.startOffset;
  }

  get endOffset(): Offset {
    return this.#disk.endOffset;
  }

  get sizeBytes(): number {
    return this.#disk.batches.reduce((sum, batch) => sum + batch.sizeBytes, 0);
  }

  get lastEpoch(): LeaderEpoch | undefined {
    return this.#disk.batches.at(-1)?.partitionLeaderEpoch;
  }

  append(records: Buffer, leaderEpoch: LeaderEpoch): Failure | undefined {
    if (this.#isTruncating) throw new Error('the log is appended to while it is truncated');
    for (const batch of splitBatches(records).batches) {
      if (batch.baseOffset !== this.#disk.endOffset) throw new Error('a gap in the log');
      if (batch.partitionLeaderEpoch > leaderEpoch) throw new Error('a batch of a later epoch');
      this.#disk.batches.push(new RecordBatch(Buffer.from(batch.buffer)));
      this.#disk.endOffset = batch.nextOffset;
    }
    return undefined;
  }

  async sync(): Promise<undefined> {
    const { batches, startOffset, endOffset } = this.#disk;
    const synced = { batches: [...batches], startOffset, endOffset };
    await this.#pause();
    // What was truncated while the sync was under way is durable in its new form already.
    const isCurrent = synced.batches.every((batch, index) => this.#disk.batches[index] === batch);
    if (isCurrent && synced.startOffset === this.#disk.startOffset) this.#disk.stable = synced;
  }

  #pause(): Promise<void> {
    const { clock, random, syncMs } = this.#options;
    return new Promise(resolve => {
      clock.startTimer(syncMs * random.fraction(), resolve);
    });
  }

  read(offset: Offset, maxBytes: number): readonly Buffer[] | Failure {
    if (this.#isTruncating) return new Failure(Errors.REPLICA_NOT_AVAILABLE, 'the log is being truncated');
    if (offset < this.startOffset || offset > this.endOffset) {
      return new Failure(Errors.OFFSET_OUT_OF_RANGE, `${offset} is not in the log`);
    }
    const { random, shortReads = 0 } = this.#options;
    const isShort = shortReads > 0 && random.fraction() < shortReads;
    const found: Buffer[] = [];
    let sizeBytes = 0;
    for (const batch of this.#disk.batches) {
      if (batch.nextOffset <= offset) continue;
      if (found.length > 0 && (isShort || sizeBytes + batch.sizeBytes > maxBytes)) break;
      found.push(batch.buffer);
      sizeBytes += batch.sizeBytes;
    }
    return found;
  }

  endOfEpoch(epoch: LeaderEpoch): OffsetAndEpoch | undefined {
    const { batches, endOffset } = this.#disk;
    const latest = batches.at(-1)?.partitionLeaderEpoch;
    if (latest === undefined || epoch > latest) return undefined;
    if (epoch === latest) return { epoch, offset: endOffset };
    const next = batches.findIndex(batch => batch.partitionLeaderEpoch > epoch);
    const found = next === 0 ? epoch : batches[next - 1]!.partitionLeaderEpoch;
    return { epoch: found, offset: batches[next]!.baseOffset };
  }

  epochAt(offset: Offset): LeaderEpoch | undefined {
    const batch = this.#disk.batches.find(each => each.baseOffset <= offset && offset < each.nextOffset);
    return batch?.partitionLeaderEpoch;
  }

  async truncateTo(offset: Offset): Promise<undefined> {
    this.#isTruncating = true;
    await this.#pause();
    this.#isTruncating = false;
    while ((this.#disk.batches.at(-1)?.nextOffset ?? -1n) > offset) this.#disk.batches.pop();
    this.#disk.endOffset = this.#disk.batches.at(-1)?.nextOffset ?? this.#disk.startOffset;
    this.#disk.makeStable();
  }

  async restartAt(offset: Offset): Promise<undefined> {
    this.#isTruncating = true;
    await this.#pause();
    this.#isTruncating = false;
    this.#disk.batches = [];
    this.#disk.startOffset = offset;
    this.#disk.endOffset = offset;
    this.#disk.makeStable();
  }

  deleteBefore(offset: Offset): undefined {
    while ((this.#disk.batches[0]?.nextOffset ?? offset) < offset) this.#disk.batches.shift();
    if (offset > this.#disk.startOffset) this.#disk.startOffset = offset;
    this.#disk.makeStable();
  }

  async close(): Promise<void> {
    await this.#pause();
  }
}
