import type { Disk } from '../model/ports.ts';

/*
 * The mark of a log that may lack records which the broker acknowledged, in the log's directory: from when it is found
 * so until the cluster knows. A process that ends in between leaves a log that looks whole to the next one, which
 * would say so.
 */

const INCOMPLETE_MARK = '.incomplete';

/** @throws {DiskError} */
export function isMarkedIncomplete(disk: Disk, directory: string): boolean {
  return disk.exists(`${directory}/${INCOMPLETE_MARK}`);
}

/** Leaves the mark, durably. @throws {DiskError} */
export async function markIncomplete(disk: Disk, directory: string): Promise<void> {
  if (isMarkedIncomplete(disk, directory)) return;
  disk.open(`${directory}/${INCOMPLETE_MARK}`, 'create').close();
  await disk.syncDirectory(directory);
}

/** The cluster knows. A mark that stays all the same says the same once more. @throws {DiskError} */
export async function clearIncomplete(disk: Disk, directory: string): Promise<void> {
  if (!isMarkedIncomplete(disk, directory)) return;
  disk.remove(`${directory}/${INCOMPLETE_MARK}`);
  await disk.syncDirectory(directory);
}
