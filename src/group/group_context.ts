import type { CoordinatorResult, CoordinatorTimers } from '../coordinator/coordinator_shard.ts';
import type { Clock, Logger, Random } from '../model/ports.ts';
import type { BrokerSettings } from '../settings/broker_settings.ts';
import type { ClassicGroup } from './classic_group.ts';

export type GroupSettings = Pick<
  BrokerSettings,
  | 'groupInitialRebalanceDelayMs'
  | 'groupMaxSize'
  | 'groupMinSessionTimeoutMs'
  | 'groupMaxSessionTimeoutMs'
  | 'offsetMetadataMaxBytes'
  | 'offsetsRetentionMinutes'
  | 'offsetsRetentionCheckIntervalMs'
>;

/** What the parts of a shard share. */
export interface GroupContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly timers: CoordinatorTimers;
  readonly settings: () => GroupSettings;
  /** The id of a topic as the metadata has it; undefined where there is none of the name. */
  readonly topicIdOf: (topic: string) => string | undefined;
  /** The groups of the partition, by id. */
  readonly groups: Map<string, ClassicGroup>;
}

/** What an operation wrote whose answer goes its own way. */
export type GroupResult = CoordinatorResult<void>;

export const NO_RECORDS: GroupResult = { records: [], response: undefined };
