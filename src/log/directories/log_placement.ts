import { Errors } from '../../model/error_codes.ts';
import { Failure } from '../../model/failure.ts';
import type { PartitionIndex, Uuid } from '../../model/ids.ts';
import { LOST_DIRECTORY, UNASSIGNED_DIRECTORY } from '../../model/uuid.ts';
import type { LogDirectory } from './log_directory.ts';

/** Which replica's log is meant. */
export interface LogIdentity {
  readonly topic: string;
  readonly topicId: Uuid;
  readonly index: PartitionIndex;
  /** The log directory that the metadata has the replica in (KIP-858), if it says. */
  readonly directoryId?: Uuid;
  /** Whether the replica can't have had a log here before. */
  readonly isNew?: boolean;
}

/**
 * The directory for a log that was not found: the one that the metadata wants it in, or else the one with the fewest
 * logs. As long as a directory is offline, in which the log might be, it is made only where it is sure not to be there:
 * an empty log must not stand in for one that has records.
 * @param cordoned directories that take no new logs, as long as there are others
 * @returns KAFKA_STORAGE_ERROR
 */
export function placeLog(
  identity: LogIdentity,
  directories: readonly LogDirectory[],
  cordoned: ReadonlySet<string>,
): LogDirectory | Failure {
  const online = directories.filter(directory => directory.isOnline);
  const offline = directories.find(directory => !directory.isOnline);
  const assigned = online.find(({ id }) => id !== undefined && id === identity.directoryId);
  if (assigned !== undefined) return assigned;
  const isMeantForAnother =
    identity.directoryId !== undefined &&
    identity.directoryId !== UNASSIGNED_DIRECTORY &&
    identity.directoryId !== LOST_DIRECTORY;
  if (offline !== undefined && (isMeantForAnother || identity.isNew !== true || online.length === 0)) {
    return new Failure(
      Errors.KAFKA_STORAGE_ERROR,
      `The log of ${identity.topic}-${identity.index} may be in the log directory ${offline.path}, which is offline: repair that, and start the broker again`,
    );
  }
  const open = online.filter(({ path }) => !cordoned.has(path));
  const candidates = open.length > 0 ? open : online;
  return candidates.reduce((least, each) => (countOf(each) < countOf(least) ? each : least));
}

function countOf({ logs, found, making }: LogDirectory): number {
  return logs.size + found.size + making.size;
}
