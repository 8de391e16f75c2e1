import { minOffset, type Offset } from '../model/ids.ts';
import { BATCH_OVERHEAD_BYTES, RecordBatch } from '../records/record_batch.ts';
import { isPlausibleHeaderAt } from './batch_headers.ts';
import { scanBatches } from './batch_scan.ts';
import type { PartitionLog } from './partition_log.ts';
import type { Segment } from './segment.ts';

/** Bytes that are read between two waits. */
const WINDOW_BYTES = 256 * 1024;

/** A place in a log's file where there is not what was written. */
export interface Damage {
  readonly segment: Segment;
  readonly position: number;
  /** Of the batch that belongs there. */
  readonly offset: Offset;
  readonly problem: string;
}

export interface ScrubOptions {
  /** Called with what was read: resolves when more may be. */
  readonly wait: (bytes: number) => Promise<void>;
}

/**
 * Reads a log from the disk and holds it against its checksums, its offsets and its leader epochs (the latter two are
 * not under the checksum). Looks at what is committed alone: the rest may still be cut.
 * @returns the first damage of each segment; none when the log was cut or closed meanwhile
 * @throws {DiskError}
 */
export async function scrubLog(log: PartitionLog, options: ScrubOptions): Promise<Damage[]> {
  const { truncationCount } = log;
  const damages: Damage[] = [];
  for (const segment of log.segments) {
    if (segment.baseOffset >= log.highWatermark) break;
    const damage = await new SegmentScrub(log, segment).run(options);
    if (log.failure !== undefined || log.truncationCount !== truncationCount) return [];
    if (damage !== undefined && !segment.isDeleted) damages.push(damage);
  }
  return damages;
}

class SegmentScrub {
  readonly #log: PartitionLog;
  readonly #segment: Segment;
  /** What is committed and was written before the scrub began. */
  readonly #endOffset: Offset;
  readonly #endPosition: number;
  #position = 0;
  #nextOffset: Offset;
  /** Why the batch at {@link #position} is not what was written, though its checksum is right. */
  #problem: string | undefined;
  #isAtEnd = false;

  constructor(log: PartitionLog, segment: Segment) {
    this.#log = log;
    this.#segment = segment;
    this.#endPosition = segment.sizeBytes;
    this.#nextOffset = segment.baseOffset;
    this.#endOffset = minOffset(segment.isGrowing ? log.endOffset : segment.endOffset, log.highWatermark);
  }

  async run({ wait }: ScrubOptions): Promise<Damage | undefined> {
    let windowBytes = WINDOW_BYTES;
    while (this.#position < this.#endPosition && !this.#isAtEnd && !this.#segment.isDeleted) {
      const from = this.#position;
      const to = Math.min(this.#endPosition, from + windowBytes);
      const problem = await this.#scan(to);
      await wait(to - from);
      if (this.#isAtEnd || (this.#position > from && this.#problem === undefined)) {
        windowBytes = WINDOW_BYTES;
        continue;
      }
      // A batch may be larger than what was read of it.
      if (this.#problem === undefined && to < this.#endPosition) {
        windowBytes *= 4;
        continue;
      }
      return this.#damage(this.#problem ?? problem ?? 'there is no batch');
    }
    return undefined;
  }

  #damage(problem: string): Damage | undefined {
    if (this.#nextOffset >= this.#endOffset) return undefined;
    return { segment: this.#segment, position: this.#position, offset: this.#nextOffset, problem };
  }

  async #scan(to: number): Promise<string | undefined> {
    const range = {
      from: this.#position,
      to,
      minOffset: this.#nextOffset,
      endOffset: this.#segment.isGrowing ? this.#log.endOffset : this.#segment.endOffset,
    };
    const { problem } = await scanBatches(
      this.#segment.file,
      range,
      { verify: true },
      ({ batch, sizeBytes }) => {
        if (this.#problem !== undefined || this.#isAtEnd) return;
        if (this.#nextOffset >= this.#endOffset) {
          this.#isAtEnd = true;
          return;
        }
        this.#problem = this.#problemOf(batch);
        if (this.#problem !== undefined) return;
        this.#position += sizeBytes;
        this.#nextOffset = batch.nextOffset;
      },
    );
    return problem;
  }

  #problemOf({ baseOffset, partitionLeaderEpoch }: RecordBatch): string | undefined {
    // A compaction leaves gaps.
    if (baseOffset !== this.#nextOffset && !this.#log.config.cleanupPolicy.compact) {
      return `the batch has the base offset ${baseOffset} where ${this.#nextOffset} is the next`;
    }
    const epoch = this.#log.leaderEpochAt(baseOffset);
    if (epoch === undefined || epoch === partitionLeaderEpoch) return undefined;
    return `the batch has the leader epoch ${partitionLeaderEpoch}, and was written in ${epoch}`;
  }
}

/**
 * Puts batches in the place of damaged bytes: whole ones of another replica, from the damaged one on.
 * @returns what is left of the damage: undefined when all of the batches behind are as they should be, as far as the
 *   first of them tells
 * @throws {DiskError}
 */
export async function repairDamage(
  log: PartitionLog,
  damage: Damage,
  batches: readonly RecordBatch[],
): Promise<Damage | 'not ours' | undefined> {
  const { segment } = damage;
  const { truncationCount } = log;
  let { position, offset } = damage;
  for (const batch of batches) {
    // The same batches are in the same order everywhere; only compactions make other ones of them.
    if (batch.baseOffset !== offset || position + batch.sizeBytes > segment.sizeBytes) return 'not ours';
    const isDone = await log.overwrite(segment, { position, bytes: batch.buffer, truncationCount });
    if (!isDone) return 'not ours';
    position += batch.sizeBytes;
    offset = batch.nextOffset;
    if (position >= segment.sizeBytes || (await isGoodAt(segment, position, offset))) return undefined;
  }
  return { ...damage, position, offset };
}

/** Whether the batch of that offset is there, whole and right. */
async function isGoodAt(segment: Segment, position: number, offset: Offset): Promise<boolean> {
  const header = await segment.file.read(position, BATCH_OVERHEAD_BYTES);
  if (header.length < BATCH_OVERHEAD_BYTES || !isPlausibleHeaderAt(header, 0)) return false;
  const { sizeBytes, baseOffset } = new RecordBatch(header);
  if (baseOffset !== offset || position + sizeBytes > segment.sizeBytes) return false;
  return new RecordBatch(await segment.file.read(position, sizeBytes)).isCrcValid();
}
