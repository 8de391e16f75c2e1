import type { PartitionLog } from '../log/partition_log.ts';
import type { Failure } from '../model/failure.ts';
import type { PartitionIndex, Uuid } from '../model/ids.ts';
import type { TopicSettings } from '../settings/topic_settings.ts';

export interface LogIdentity {
  readonly topic: string;
  readonly topicId: Uuid;
  readonly index: PartitionIndex;
  /** The log directory that the metadata has the replica in (KIP-858), if it says. */
  readonly directoryId?: Uuid;
  /** Whether the replica can't have had a log here before. */
  readonly isNew?: boolean;
}

/** Where the logs of this broker's replicas are; the log room's directories provide it. */
export interface LogStore {
  /**
   * The partition's log, made when there is none.
   * @returns KAFKA_STORAGE_ERROR when its directory, or every directory, is offline; INCONSISTENT_TOPIC_ID
   */
  openLog(identity: LogIdentity, config: TopicSettings): Promise<PartitionLog | Failure>;
  /** Deletes the partition's log: it is gone for readers at once, its files follow. */
  deleteLog(identity: LogIdentity): Promise<Failure | undefined>;
}
