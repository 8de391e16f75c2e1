import type { Disk } from '../model/ports.ts';

/*
 * The mark of a log that may lack records which the broker acknowledged, in the log's directory: from when it is found
 * so until the cluster knows. A process that ends in between leaves a log that looks whole to the next one, which
 * would say so.
 */

/** Its name in the log's directory. */
export const INCOMPLETE_MARK = '.incomplete';

/** Leaves the mark, durably. @throws {DiskError} */
export async function markIncomplete(disk: Disk, directory: string): Promise<void> {
  disk.open(`${directory}/${INCOMPLETE_MARK}`, 'create').close();
  await disk.syncDirectory(directory);
}

/** The cluster knows. A mark that stays all the same says the same once more. @throws {DiskError} */
export async function clearIncomplete(disk: Disk, directory: string): Promise<void> {
  const path = `${directory}/${INCOMPLETE_MARK}`;
  if (!disk.exists(path)) return;
  disk.remove(path);
  await disk.syncDirectory(directory);
}
