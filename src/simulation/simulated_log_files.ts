import type { SimulatedDisk } from './simulated_disk.ts';
import { SimulatedFile } from './simulated_file.ts';
import { SimulatedDirectory } from './simulated_namespace.ts';

const LOG_FILE = /^\d{20}\.log$/;

/** The log files of a directory, in order. */
export function logFilesOf(disk: SimulatedDisk, directory: string): SimulatedFile[] {
  const entry = disk.namespace.find(directory);
  if (!(entry instanceof SimulatedDirectory)) return [];
  const names = [...entry.entries.keys()].filter(name => LOG_FILE.test(name)).sort();
  return names.map(name => entry.entries.get(name)).filter(file => file instanceof SimulatedFile);
}

/** Whether all of the log files of a directory is on the disk itself: a power cut would leave it. */
export function areLogFilesOnDisk(disk: SimulatedDisk, directory: string): boolean {
  const entry = disk.namespace.find(directory);
  if (!(entry instanceof SimulatedDirectory)) return true;
  for (const [name, file] of entry.entries) {
    // Few files have anything to write: their names need not be looked at.
    if (file instanceof SimulatedFile && !file.isOnDisk && LOG_FILE.test(name)) return false;
  }
  return true;
}
