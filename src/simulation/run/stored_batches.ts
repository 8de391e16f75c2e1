import { crc32c } from '../../records/crc32c.ts';
import type { SimulatedDisk } from '../simulated_disk.ts';
import { logFilesOf } from '../simulated_log_files.ts';

export interface StoredBatch {
  readonly baseOffset: bigint;
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
const OVERHEAD_BYTES = 12;

/** The batches in the log files of a directory, in order, as a reader of the disk sees them. */
export function batchesOf(disk: SimulatedDisk, directory: string): StoredBatch[] {
  return logFilesOf(disk, directory).flatMap(file => [...batchesIn(file.read(0, file.sizeBytes))]);
}

function* batchesIn(bytes: Buffer): Iterable<StoredBatch> {
  for (let at = 0; at + CHECKED_FROM <= bytes.length; ) {
    const end = at + OVERHEAD_BYTES + bytes.readInt32BE(at + LENGTH_AT);
    if (end > bytes.length || end <= at + CHECKED_FROM) return;
    const crc = crc32c(bytes.subarray(at + CHECKED_FROM, end));
    yield {
      baseOffset: bytes.readBigInt64BE(at),
      leaderEpoch: bytes.readInt32BE(at + EPOCH_AT),
      crc,
      isIntact: crc === bytes.readUInt32BE(at + CRC_AT),
    };
    at = end;
  }
}
