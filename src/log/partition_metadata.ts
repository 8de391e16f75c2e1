import { Errors } from '../model/error_codes.ts';
import { Failure } from '../model/failure.ts';
import type { Uuid } from '../model/ids.ts';
import type { Disk } from '../model/ports.ts';
import { isUuid, ZERO_UUID } from '../model/uuid.ts';
import { readText } from './checkpoint_file.ts';
import { PARTITION_METADATA_FILE } from './file_names.ts';

/*
 * `partition.metadata`: the id of the topic that the partition belongs to, so that a topic that was deleted and
 * created again under the same name is told from the first one.
 */

const VERSION = 0;

/** The id in the text of the file; undefined when there is none in it. */
export function parsePartitionMetadata(text: string): Uuid | undefined {
  const match = /^version:\s+(\d+)\r?\ntopic_id:\s+(\S+)\s*$/.exec(text);
  const id = match?.[2];
  return id !== undefined && isUuid(id) && id !== ZERO_UUID ? id : undefined;
}

/** The topic id of a log, and whether its file has yet to be written. */
export type TopicIdOfLog =
  | { readonly id: Uuid | undefined; readonly isToBeWritten: false }
  | { readonly id: Uuid; readonly isToBeWritten: true };

/**
 * The topic id of a log: the one that it has, or else the one that is given. A file that a crash cut short is written
 * again, which can be only before the log's first records were durable.
 * @returns INCONSISTENT_TOPIC_ID when it has another one
 * @throws {DiskError}
 */
export function findTopicId(disk: Disk, directory: string, given: Uuid | undefined): TopicIdOfLog | Failure {
  const text = readText(disk, `${directory}/${PARTITION_METADATA_FILE}`);
  const stored = text === undefined ? undefined : parsePartitionMetadata(text);
  if (stored === undefined && given !== undefined) return { id: given, isToBeWritten: true };
  if (stored === given || given === undefined) return { id: stored, isToBeWritten: false };
  return new Failure(
    Errors.INCONSISTENT_TOPIC_ID,
    `The log in ${directory} is of the topic with id ${stored}, not of the one with id ${given}`,
  );
}

/** Writes the file; not durable yet, so that logs are made quickly. @returns its path @throws {DiskError} */
export function writePartitionMetadata(disk: Disk, directory: string, topicId: Uuid): string {
  const path = `${directory}/${PARTITION_METADATA_FILE}`;
  const file = disk.open(path, 'create');
  try {
    // An empty file is not cut: ext4 would write out what follows at its close, to survive a crash better.
    if (file.sizeBytes > 0) file.truncate(0);
    file.write(0, [Buffer.from(`version: ${VERSION}\ntopic_id: ${topicId}`)]);
  } finally {
    file.close();
  }
  return path;
}
