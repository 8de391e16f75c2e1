import type { SimulatedDisk } from './simulated_disk.ts';
import { SimulatedFile } from './simulated_file.ts';
import { SimulatedDirectory } from './simulated_namespace.ts';

/** The log files of a directory, in order. */
export function logFilesOf(disk: SimulatedDisk, directory: string): SimulatedFile[] {
  const entry = disk.namespace.find(directory);
  if (!(entry instanceof SimulatedDirectory)) return [];
  const names = [...entry.entries.keys()].filter(name => /^\d{20}\.log$/.test(name)).sort();
  return names.map(name => entry.entries.get(name)).filter(file => file instanceof SimulatedFile);
}
