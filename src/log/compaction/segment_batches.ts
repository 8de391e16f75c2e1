import { Errors } from '../../model/error_codes.ts';
import { Failure } from '../../model/failure.ts';
import { BATCH_OVERHEAD_BYTES, RecordBatch } from '../../records/record_batch.ts';
import { batchSizeAt, isPlausibleHeaderAt } from '../batch_headers.ts';
import type { Segment } from '../segment.ts';

/**
 * Goes through the batches of a closed segment, some at a time, in the order of their offsets.
 * @param chunkBytes of one read; more for a batch that is larger
 * @returns CORRUPT_MESSAGE, after the batches before it, for what is no batch or fails its checksum
 * @throws {DiskError}
 */
export async function* segmentBatches(
  segment: Segment,
  chunkBytes: number,
): AsyncGenerator<readonly RecordBatch[] | Failure> {
  const { sizeBytes } = segment;
  let position = 0;
  let wantedBytes = chunkBytes;
  while (position < sizeBytes) {
    const chunk = await segment.file.read(position, Math.min(wantedBytes, sizeBytes - position));
    const batches: RecordBatch[] = [];
    let at = 0;
    let problem: string | undefined;
    wantedBytes = chunkBytes;
    while (at < chunk.length) {
      if (chunk.length - at < BATCH_OVERHEAD_BYTES) {
        if (position + chunk.length >= sizeBytes) problem = 'the last batch is cut off';
        break;
      }
      if (!isPlausibleHeaderAt(chunk, at)) {
        problem = 'there is no batch';
        break;
      }
      const batchBytes = batchSizeAt(chunk, at);
      if (at + batchBytes > chunk.length) {
        if (position + at + batchBytes > sizeBytes) problem = 'the last batch is cut off';
        wantedBytes = Math.max(chunkBytes, batchBytes);
        break;
      }
      const batch = new RecordBatch(chunk.subarray(at, at + batchBytes));
      if (!batch.isCrcValid()) {
        problem = 'the batch fails its checksum';
        break;
      }
      batches.push(batch);
      at += batchBytes;
    }
    if (batches.length > 0) yield batches;
    position += at;
    if (chunk.length === 0) problem ??= 'the file is shorter than it was';
    if (problem === undefined) continue;
    yield new Failure(
      Errors.CORRUPT_MESSAGE,
      `Cannot compact ${segment.file.path}: at byte ${position} ${problem}`,
    );
    return;
  }
}
