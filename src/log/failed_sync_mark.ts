import { type Disk, DiskError } from '../model/ports.ts';

/*
 * The mark of a log whose disk failed, in the log's directory. A system that could not write what it was to sync counts
 * it as written all the same: the next sync says that all is well, and who reads the file sees what is not on the
 * disk, until the power goes. So whoever opens the log next has to write it once more. The mark is needed for as long
 * as the system's cache lives, and is not synced itself.
 */

/** Its name in the log's directory. */
export const FAILED_SYNC_MARK = '.failed-sync';

/** Leaves the mark, if the disk lets it. */
export function markFailedSync(disk: Disk, directory: string): void {
  ignoringDiskErrors(() => disk.open(`${directory}/${FAILED_SYNC_MARK}`, 'create').close());
}

/** The log is on the disk. A mark that stays costs the next start a little work. */
export function clearFailedSync(disk: Disk, directory: string): void {
  ignoringDiskErrors(() => disk.remove(`${directory}/${FAILED_SYNC_MARK}`));
}

function ignoringDiskErrors(task: () => void): void {
  try {
    task();
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
  }
}
