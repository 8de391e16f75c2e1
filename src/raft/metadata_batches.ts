import { Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import { intactBatches } from '../records/intact_batches.ts';
import type { RecordBatch } from '../records/record_batch.ts';

/**
 * The batches in what this node read of its own metadata log.
 * @returns CORRUPT_MESSAGE when it is not what was written: nothing may be made of it, and the node must stop
 */
export function metadataBatches(chunks: readonly Buffer[]): readonly RecordBatch[] | Failure {
  const batches = intactBatches(chunks);
  if (!failed(batches)) return batches;
  return new Failure(
    Errors.CORRUPT_MESSAGE,
    `The metadata log is damaged. ${batches.message}. While other controllers run, move this node's directory ` +
      '__cluster_metadata-0 away and start it again: it gets everything from them',
  );
}
