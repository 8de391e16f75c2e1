import { asBrokerEpoch, type BrokerEpoch } from '../../model/ids.ts';
import type { Disk } from '../../model/ports.ts';
import { readText, writeFileDurably } from '../checkpoint_file.ts';

/*
 * `.kafka_cleanshutdown`: the mark of a broker that closed all logs of the directory. JSON with a version and the epoch
 * that the broker was registered under (KIP-966).
 */

const FILE = '.kafka_cleanshutdown';
const VERSION = 0;

export interface CleanShutdown {
  /** Undefined when the file doesn't say: it is from a broker that wrote none. */
  readonly brokerEpoch: BrokerEpoch | undefined;
}

/**
 * Takes the mark away, durably: from here on an end that is not announced by another one was not clean.
 * @returns undefined when there was none
 * @throws {DiskError}
 */
export async function takeCleanShutdown(disk: Disk, directory: string): Promise<CleanShutdown | undefined> {
  const path = `${directory}/${FILE}`;
  const text = readText(disk, path);
  if (text === undefined) return undefined;
  disk.remove(path);
  await disk.syncDirectory(directory);
  return { brokerEpoch: epochIn(text) };
}

function epochIn(text: string): BrokerEpoch | undefined {
  // An int64: JSON.parse would round it.
  const match = /"brokerEpoch"\s*:\s*(\d{1,19})\b/.exec(text);
  return match === null ? undefined : asBrokerEpoch(BigInt(match[1]!));
}

/** Leaves the mark, durably. @param brokerEpoch -1 when the broker was never registered @throws {DiskError} */
export async function writeCleanShutdown(
  disk: Disk,
  directory: string,
  brokerEpoch: BrokerEpoch,
): Promise<void> {
  await writeFileDurably(disk, `${directory}/${FILE}`, `{"version":${VERSION},"brokerEpoch":${brokerEpoch}}`);
}
