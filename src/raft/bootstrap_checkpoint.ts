import { Errors } from '../model/error_codes.ts';
import { Failure } from '../model/failure.ts';
import { type Disk, DiskError } from '../model/ports.ts';
import { storageFailure } from './election_store.ts';
import { readSnapshotValues } from './snapshot_format.ts';

const NAME = 'bootstrap.checkpoint';

/**
 * The records that Kafka's formatter left in a metadata directory (`bootstrap.checkpoint`): the feature levels to
 * begin with, and users. Not the quorum's: the controller that becomes active over an empty log writes them into it.
 * @param directory the metadata log directory, in which the log's own directory is
 * @returns the records' values; undefined when there is no such file
 */
export async function readBootstrapCheckpoint(
  disk: Disk,
  directory: string,
): Promise<readonly Buffer[] | undefined | Failure> {
  const path = `${directory}/${NAME}`;
  try {
    if (!disk.exists(path)) return undefined;
    const file = disk.open(path, 'read');
    try {
      const read = async (position: number, length: number) => {
        try {
          return await file.read(position, length);
        } catch (error) {
          return storageFailure(error, `read ${path}`);
        }
      };
      return await readSnapshotValues({ name: path, sizeBytes: file.sizeBytes, read });
    } finally {
      file.close();
    }
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    return new Failure(Errors.KAFKA_STORAGE_ERROR, `Cannot open ${path}: ${error.message} (${error.code})`);
  }
}
