import type { AlterPartitionRequest, AlterPartitionResponse } from '../messages/56_alter_partition.ts';
import { type ErrorCode, Errors, errorText } from '../model/error_codes.ts';
import { type Failure, failed } from '../model/failure.ts';
import { asLeaderEpoch, type BrokerEpoch, type NodeId } from '../model/ids.ts';
import { MAX_ALTERED_PARTITIONS } from '../model/limits.ts';
import type { Clock, Logger, Timer } from '../model/ports.ts';
import type { MessageInput, MessageOf } from '../protocol/schema.ts';
import type { IsrChange } from './isr_change.ts';
import type { Partition } from './partition.ts';

/** The way of AlterPartition to the active controller. */
export type AlterPartitionPort = (
  request: MessageInput<typeof AlterPartitionRequest>,
) => Promise<MessageOf<typeof AlterPartitionResponse> | Failure>;

export interface IsrChangesOptions {
  readonly nodeId: NodeId;
  /** Of this broker's registration; -1 while it has none. */
  readonly brokerEpoch: () => BrokerEpoch;
  readonly alterPartition: AlterPartitionPort;
  readonly clock: Clock;
  readonly logger: Logger;
}

type PartitionResponse = MessageOf<typeof AlterPartitionResponse>['topics'][number]['partitions'][number];

/** A broker that comes or goes changes thousands: so many are named in the log. */
const MAX_TOLD_CHANGES = 10;
/** Before what the controller did not answer is sent again. */
const RETRY_MS = 50;

/** Refusals of a change that was not made: the leader may propose it anew. */
const NOT_MADE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  Errors.OPERATION_NOT_ATTEMPTED,
  Errors.INELIGIBLE_REPLICA,
]);
/** The leader's knowledge is old, or the change moved the leadership: the metadata will tell, and ends the change. */
const SUPERSEDED: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  Errors.UNKNOWN_TOPIC_OR_PARTITION,
  Errors.UNKNOWN_TOPIC_ID,
  Errors.FENCED_LEADER_EPOCH,
  Errors.INVALID_UPDATE_VERSION,
  Errors.INVALID_REQUEST,
  Errors.NEW_LEADER_ELECTED,
]);

/**
 * Sends the changes of in-sync replicas that this broker's leaders propose: one request at a time, with all that have
 * come up meanwhile, again and again until each has its answer or its leadership has moved on. Each partition has one
 * change at most, so the number of its partitions bounds what is held.
 *
 *     idle → sending    there are changes
 *     sending → idle    all are answered
 *     sending → pausing → sending    some are not
 */
export class IsrChanges {
  readonly #options: IsrChangesOptions;
  readonly #unsent = new Map<Partition, IsrChange>();
  #isSending = false;
  #pause: Timer | undefined;
  #isStopped = false;

  constructor(options: IsrChangesOptions) {
    this.#options = options;
  }

  /** Has the change made; the partition is told what became of it. A newer change takes an older one's place. */
  submit(partition: Partition, change: IsrChange): void {
    this.#unsent.set(partition, change);
    if (!this.#isSending && this.#pause === undefined) void this.#send();
  }

  stop(): void {
    this.#isStopped = true;
    this.#pause?.cancel();
    this.#unsent.clear();
  }

  async #send(): Promise<void> {
    this.#isSending = true;
    // What the same turn brings goes together: a delta of the metadata concerns many partitions.
    await undefined;
    let isComplete = true;
    while (isComplete && this.#unsent.size > 0 && !this.#isStopped) isComplete = await this.#sendOnce();
    this.#isSending = false;
    if (this.#isStopped || isComplete) return;
    this.#pause = this.#options.clock.startTimer(RETRY_MS, () => {
      this.#pause = undefined;
      void this.#send();
    });
  }

  /** Sends what there is. @returns whether the controller answered all of it */
  async #sendOnce(): Promise<boolean> {
    const { alterPartition, nodeId, brokerEpoch, logger } = this.#options;
    const sent = this.#take();
    if (sent.length === 0) return true;
    const response = await alterPartition({
      brokerId: nodeId,
      brokerEpoch: brokerEpoch(),
      topics: topicsOf(sent),
    });
    if (this.#isStopped) return true;
    if (failed(response) || response.errorCode !== Errors.NONE) {
      const error = failed(response) ? response.toString() : errorText(response.errorCode as ErrorCode);
      logger.warn('The controller did not take changes of in-sync replicas: trying again', {
        partitions: sent.length,
        error,
      });
      for (const [partition, change] of sent) this.#resubmit(partition, change);
      return false;
    }
    const answers = answersIn(response);
    const changed: string[] = [];
    let isComplete = true;
    for (const [partition, change] of sent) {
      const answer = answers.get(keyOf(partition.topicId, partition.index));
      if (answer?.errorCode === Errors.NONE) changed.push(`${partition.name}: ${answer.isr.join(' ')}`);
      if (this.#settle(partition, change, answer)) continue;
      this.#resubmit(partition, change);
      isComplete = false;
    }
    if (changed.length > 0) {
      const isr = changed.slice(0, MAX_TOLD_CHANGES);
      logger.info('In-sync replicas changed', { partitions: changed.length, isr });
    }
    return isComplete;
  }

  /** Takes changes that are still wanted, as many as a request may hold. */
  #take(): [Partition, IsrChange][] {
    const taken: [Partition, IsrChange][] = [];
    for (const [partition, change] of this.#unsent) {
      if (taken.length === MAX_ALTERED_PARTITIONS) break;
      this.#unsent.delete(partition);
      if (partition.leadership?.pending === change) taken.push([partition, change]);
    }
    return taken;
  }

  #resubmit(partition: Partition, change: IsrChange): void {
    if (partition.leadership?.pending === change) this.#unsent.set(partition, change);
  }

  /** @returns false when the change is to be sent again */
  #settle(partition: Partition, change: IsrChange, answer: PartitionResponse | undefined): boolean {
    if (answer === undefined) return false;
    const { logger } = this.#options;
    const errorCode = answer.errorCode as ErrorCode;
    if (errorCode === Errors.NONE) {
      partition.isrAnswered(change, {
        isr: answer.isr as NodeId[],
        leaderEpoch: asLeaderEpoch(answer.leaderEpoch),
        partitionEpoch: answer.partitionEpoch,
      });
      return true;
    }
    const isFinal = NOT_MADE.has(errorCode) || SUPERSEDED.has(errorCode);
    logger[isFinal ? 'info' : 'warn']('A change of in-sync replicas was refused', {
      partition: partition.name,
      wanted: change.members.map(member => member.id),
      error: errorText(errorCode),
    });
    if (NOT_MADE.has(errorCode)) partition.isrAnswered(change, undefined);
    return isFinal;
  }
}

function topicsOf(
  sent: readonly [Partition, IsrChange][],
): MessageInput<typeof AlterPartitionRequest>['topics'] {
  const topics = new Map<string, { topicId: string; partitions: ReturnType<typeof partitionOf>[] }>();
  for (const [partition, change] of sent) {
    const { topicId } = partition;
    let topic = topics.get(topicId);
    if (topic === undefined) {
      topic = { topicId, partitions: [] };
      topics.set(topicId, topic);
    }
    topic.partitions.push(partitionOf(partition, change));
  }
  return [...topics.values()];
}

function partitionOf({ index }: Partition, { members, leaderEpoch, partitionEpoch }: IsrChange) {
  return {
    partitionIndex: index,
    leaderEpoch,
    newIsr: [],
    newIsrWithEpochs: members.map(({ id, brokerEpoch }) => ({ brokerId: id, brokerEpoch })),
    // A leader that was elected uncleanly has mended its log by the time it has followers again.
    leaderRecoveryState: 0,
    partitionEpoch,
  };
}

const keyOf = (topicId: string, index: number): string => `${topicId}:${index}`;

function answersIn({ topics }: MessageOf<typeof AlterPartitionResponse>): Map<string, PartitionResponse> {
  const answers = new Map<string, PartitionResponse>();
  for (const { topicId, partitions } of topics) {
    for (const partition of partitions) answers.set(keyOf(topicId, partition.partitionIndex), partition);
  }
  return answers;
}
