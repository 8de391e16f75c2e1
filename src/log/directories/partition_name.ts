import { asPartitionIndex, type PartitionIndex, type Uuid } from '../../model/ids.ts';

/*
 * The names of the partitions' directories in a log directory, as Kafka has them: `topic-index`, where the topic's name
 * may have dashes and dots of its own; and while they are something else, `topic-index.uuid-delete`, `…-future`,
 * `…-stray` with a uuid in 32 hexadecimal digits.
 */

/** What a partition's directory is. */
export type PartitionDirectoryKind =
  /** The log of a replica. */
  | 'log'
  /** A log that was deleted; its files follow. */
  | 'delete'
  /** A copy on its way from one log directory to another. */
  | 'future'
  /** A log that was set aside, because no metadata knows of it. */
  | 'stray';

export interface PartitionDirectoryName {
  readonly kind: PartitionDirectoryKind;
  /** Cut off in the names of deleted and stray logs if it is too long for them. */
  readonly topic: string;
  readonly index: PartitionIndex;
}

const MAX_INDEX = 0x7fffffff;
/** What file systems take. */
const MAX_NAME_LENGTH = 255;
const LOG_PATTERN = /^(\S+)-(0|[1-9]\d{0,9})$/;
const ASIDE_PATTERN = /^(\S+)-(0|[1-9]\d{0,9})\.[0-9a-f]{32}-(delete|future|stray)$/;

/** `topic-index`: what a partition's directory is called, and its key wherever logs are kept by their names. */
export function partitionName(topic: string, index: PartitionIndex): string {
  return `${topic}-${index}`;
}

/** Undefined for whatever else there is in a log directory: that is left alone. */
export function parsePartitionDirectory(name: string): PartitionDirectoryName | undefined {
  const aside = ASIDE_PATTERN.exec(name);
  const match = aside ?? LOG_PATTERN.exec(name);
  if (match === null) return undefined;
  const index = Number(match[2]);
  if (index > MAX_INDEX) return undefined;
  const kind = (aside?.[3] ?? 'log') as PartitionDirectoryKind;
  return { kind, topic: match[1]!, index: asPartitionIndex(index) };
}

/** What the directory of a log is called once it is deleted or stray. @param uuid a new one, so that no two are alike */
export function asideName(name: string, uuid: Uuid, kind: 'delete' | 'stray'): string {
  const separator = name.lastIndexOf('-');
  const suffix = `${name.slice(separator)}.${Buffer.from(uuid, 'base64url').toString('hex')}-${kind}`;
  return name.slice(0, Math.min(separator, MAX_NAME_LENGTH - suffix.length)) + suffix;
}
