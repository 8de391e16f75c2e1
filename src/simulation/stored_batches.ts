import { crc32c } from '../records/crc32c.ts';
import type { SimulatedDisk } from './simulated_disk.ts';
import { logFilesOf } from './simulated_log_files.ts';

export interface StoredBatch {
  readonly baseOffset: bigint;
  readonly lastOffset: bigint;
  readonly sizeBytes: number;
  readonly leaderEpoch: number;
  /** Of the bytes as they are, computed anew. */
  readonly crc: number;
  /** Whether that is what the batch says of itself. */
  readonly isIntact: boolean;
}

/** Where things are in a batch: kept apart from the code that is under test. */
const LENGTH_AT = 8;
const EPOCH_AT = 12;
const CRC_AT = 17;
const CHECKED_FROM = 21;
const LAST_OFFSET_DELTA_AT = 23;
const HEADER_BYTES = 61;
const OVERHEAD_BYTES = 12;

/** The batches in the log files of a directory, in order, as a reader of the disk sees them. */
export function batchesOf(disk: SimulatedDisk, directory: string): StoredBatch[] {
  return logFilesOf(disk, directory).flatMap(file => [...batchesIn(file.read(0, file.sizeBytes))]);
}

/**
 * What is wrong with the log in a directory: anything but whole batches that pass their checksums, one behind the other.
 * @param mayHaveGaps whether offsets may be missing, as in a log that was compacted
 */
export function findDamage(
  disk: SimulatedDisk,
  directory: string,
  { mayHaveGaps }: { readonly mayHaveGaps: boolean },
): string | undefined {
  let nextOffset: bigint | undefined;
  for (const file of logFilesOf(disk, directory)) {
    let sizeBytes = 0;
    for (const batch of batchesIn(file.read(0, file.sizeBytes))) {
      const { baseOffset, lastOffset, isIntact } = batch;
      if (!isIntact) return `the batch at offset ${baseOffset} fails its checksum`;
      const follows =
        nextOffset === undefined || (mayHaveGaps ? baseOffset >= nextOffset : baseOffset === nextOffset);
      if (!follows)
        return `a batch begins at offset ${baseOffset}, and the one before it ends before ${nextOffset}`;
      nextOffset = lastOffset + 1n;
      sizeBytes += batch.sizeBytes;
    }
    if (sizeBytes < file.sizeBytes) {
      return `${file.sizeBytes - sizeBytes} bytes behind the batches up to offset ${nextOffset ?? 0n} are none`;
    }
  }
  return undefined;
}

function* batchesIn(bytes: Buffer): Iterable<StoredBatch> {
  for (let at = 0; at + HEADER_BYTES <= bytes.length; ) {
    const end = at + OVERHEAD_BYTES + bytes.readInt32BE(at + LENGTH_AT);
    if (end > bytes.length || end < at + HEADER_BYTES) return;
    const crc = crc32c(bytes.subarray(at + CHECKED_FROM, end));
    const baseOffset = bytes.readBigInt64BE(at);
    yield {
      baseOffset,
      lastOffset: baseOffset + BigInt(bytes.readInt32BE(at + LAST_OFFSET_DELTA_AT)),
      sizeBytes: end - at,
      leaderEpoch: bytes.readInt32BE(at + EPOCH_AT),
      crc,
      isIntact: crc === bytes.readUInt32BE(at + CRC_AT),
    };
    at = end;
  }
}
