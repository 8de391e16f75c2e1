import { Errors } from '../model/error_codes.ts';
import { Failure } from '../model/failure.ts';
import type { RecordBatch } from './record_batch.ts';
import { splitBatches } from './split_batches.ts';

/**
 * The batches in what was read of a log, for who builds a state of them: the disk may return other bytes than were
 * written. A batch that is cut off at the end is left out.
 * @returns as {@link splitBatches}, and CORRUPT_MESSAGE where a batch fails its checksum
 */
export function intactBatches(chunks: readonly Buffer[]): readonly RecordBatch[] | Failure {
  const batches: RecordBatch[] = [];
  for (const chunk of chunks) {
    const split = splitBatches(chunk);
    if (split.failure !== undefined) return split.failure;
    batches.push(...split.batches);
  }
  const damaged = batches.find(batch => !batch.isCrcValid());
  if (damaged === undefined) return batches;
  return new Failure(
    Errors.CORRUPT_MESSAGE,
    `The batch at offset ${damaged.baseOffset} fails its checksum: the disk returns other bytes than were written`,
  );
}
