import type { ConsumerOptions } from '../consumer/consumer_options.ts';
import type { Assignor } from './assignor.ts';
import { cooperativeStickyAssignor } from './cooperative_sticky_assignor.ts';
import { rangeAssignor } from './range_assignor.ts';

/** What a member of a group is told; each but the first two has Kafka's default. */
export interface GroupOptions {
  readonly groupId: string;
  readonly topics: readonly string[];
  /** `session.timeout.ms`: without a sign of life for so long, the coordinator gives its partitions to others. */
  readonly sessionTimeoutMs: number;
  /** `heartbeat.interval.ms`. */
  readonly heartbeatIntervalMs: number;
  /** `max.poll.interval.ms`: who does not poll for so long is out of the group. */
  readonly maxPollIntervalMs: number;
  /** `group.instance.id`: a member that comes back under it has its partitions again. */
  readonly groupInstanceId: string | null;
  /** `partition.assignment.strategy`, the preferred first; where one is not cooperative, none is taken for it. */
  readonly assignors: readonly Assignor[];
  /** `enable.auto.commit`. */
  readonly commitsByItself: boolean;
  /** `auto.commit.interval.ms`. */
  readonly commitIntervalMs: number;
  readonly consumer: Partial<ConsumerOptions>;
}

export const DEFAULT_GROUP_OPTIONS: Omit<GroupOptions, 'groupId' | 'topics'> = {
  sessionTimeoutMs: 45_000,
  heartbeatIntervalMs: 3_000,
  maxPollIntervalMs: 300_000,
  groupInstanceId: null,
  assignors: [rangeAssignor, cooperativeStickyAssignor],
  commitsByItself: true,
  commitIntervalMs: 5_000,
  consumer: {},
};
