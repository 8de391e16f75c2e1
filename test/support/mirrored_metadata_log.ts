import assert from 'node:assert/strict';
import { type Failure, failed } from '../../src/model/failure.ts';
import type { LeaderEpoch, Offset } from '../../src/model/ids.ts';
import type { MetadataLog } from '../../src/raft/metadata_log.ts';
import { RecordBatch } from '../../src/records/record_batch.ts';
import { splitBatches } from '../../src/records/split_batches.ts';
import type { MemoryLogDisk } from './memory_metadata_log.ts';
import type { QuorumChecker } from './quorum_checker.ts';

/** A log in files, of which a copy in memory tells what is in it and what of that is durable. */
export class MirroredMetadataLog implements MetadataLog {
  readonly #log: MetadataLog;
  readonly #mirror: MemoryLogDisk;
  readonly #checker: QuorumChecker;

  private constructor(log: MetadataLog, mirror: MemoryLogDisk, checker: QuorumChecker) {
    this.#log = log;
    this.#mirror = mirror;
    this.#checker = checker;
  }

  static async over(
    log: MetadataLog,
    mirror: MemoryLogDisk,
    checker: QuorumChecker,
  ): Promise<MirroredMetadataLog> {
    const mirrored = new MirroredMetadataLog(log, mirror, checker);
    const batches: RecordBatch[] = [];
    let next = log.startOffset;
    while (next < log.endOffset) {
      const buffers = await log.read(next, 1024 * 1024);
      assert(!failed(buffers), String(buffers));
      for (const batch of buffers.flatMap(buffer => splitBatches(buffer).batches)) {
        batches.push(batch);
        next = batch.nextOffset;
      }
    }
    mirror.batches = batches;
    mirrored.#follow();
    return mirrored;
  }

  #follow(): void {
    this.#mirror.startOffset = this.#log.startOffset;
    this.#mirror.endOffset = this.#log.endOffset;
    this.#mirror.makeStable();
  }

  get startOffset(): Offset {
    return this.#log.startOffset;
  }

  get endOffset(): Offset {
    return this.#log.endOffset;
  }

  get sizeBytes(): number {
    return this.#log.sizeBytes;
  }

  get lastEpoch(): LeaderEpoch | undefined {
    return this.#log.lastEpoch;
  }

  append(records: Buffer, leaderEpoch: LeaderEpoch): Failure | undefined {
    const failure = this.#log.append(records, leaderEpoch);
    if (failure !== undefined) return failure;
    for (const batch of splitBatches(Buffer.from(records)).batches) {
      this.#checker.appended(batch, this.#mirror.batches.at(-1));
      this.#mirror.batches.push(new RecordBatch(batch.buffer));
    }
    this.#mirror.endOffset = this.#log.endOffset;
    return undefined;
  }

  async sync(): Promise<Failure | undefined> {
    const { batches, startOffset, endOffset } = this.#mirror;
    const synced = { batches: [...batches], startOffset, endOffset };
    const failure = await this.#log.sync();
    const isCurrent = synced.batches.every((batch, index) => this.#mirror.batches[index] === batch);
    if (failure === undefined && isCurrent) this.#mirror.stable = synced;
    return failure;
  }

  read(offset: Offset, maxBytes: number) {
    return this.#log.read(offset, maxBytes);
  }

  endOfEpoch(epoch: LeaderEpoch) {
    return this.#log.endOfEpoch(epoch);
  }

  epochAt(offset: Offset) {
    return this.#log.epochAt(offset);
  }

  async truncateTo(offset: Offset): Promise<Failure | undefined> {
    const failure = await this.#log.truncateTo(offset);
    while ((this.#mirror.batches.at(-1)?.nextOffset ?? -1n) > this.#log.endOffset) this.#mirror.batches.pop();
    this.#follow();
    return failure;
  }

  async restartAt(offset: Offset): Promise<Failure | undefined> {
    const failure = await this.#log.restartAt(offset);
    this.#mirror.batches = [];
    this.#follow();
    return failure;
  }

  deleteBefore(offset: Offset): Failure | undefined {
    const failure = this.#log.deleteBefore(offset);
    while ((this.#mirror.batches[0]?.nextOffset ?? offset) < this.#log.startOffset)
      this.#mirror.batches.shift();
    this.#follow();
    return failure;
  }

  close(): Promise<void> {
    return this.#log.close();
  }
}
