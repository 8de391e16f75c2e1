import type { AlterPartitionRequest, AlterPartitionResponse } from '../messages/56_alter_partition.ts';
import { type ErrorCode, Errors } from '../model/error_codes.ts';
import { type Failure, failed } from '../model/failure.ts';
import { asNodeId, asPartitionIndex, type NodeId, type Uuid } from '../model/ids.ts';
import type { MessageInput } from '../protocol/schema.ts';
import { type ControllerContext, registeredBroker } from './controller_context.ts';
import { type Decision, severally } from './decision.ts';
import {
  type LeaderRecoveryState,
  NO_LEADER_CHANGE,
  type PartitionRegistration,
} from './image/partition_registration.ts';
import type { TopicImage } from './image/topics_image.ts';
import type { MetadataRecord } from './metadata_record.ts';
import { asNodes } from './partition_change.ts';
import { PartitionChanger } from './partition_changer.ts';

type PartitionRequest = AlterPartitionRequest['topics'][number]['partitions'][number];
type PartitionResponse = NonNullable<
  MessageInput<typeof AlterPartitionResponse>['topics']
>[number]['partitions'][number];

/** A member that the leader wants in sync. An epoch of -1 is one that the leader does not know. */
interface Member {
  readonly id: NodeId;
  readonly epoch: bigint;
}

interface Change {
  readonly leaderId: NodeId;
  readonly partition: PartitionRegistration;
  readonly request: PartitionRequest;
  readonly members: readonly Member[];
}

const UNKNOWN_EPOCH = -1n;

/** A leader reports who is in sync with it (KIP-497, KIP-841, KIP-903). */
export function alterPartition(
  context: ControllerContext,
  request: AlterPartitionRequest,
): Decision<MessageInput<typeof AlterPartitionResponse>> | Failure {
  const leader = registeredBroker(context, request.brokerId, request.brokerEpoch);
  if (failed(leader)) return leader;
  const changer = new PartitionChanger(context);
  const records: MetadataRecord[] = [];
  const seen = new Set<string>();
  const topics = request.topics.map(({ topicId, partitions }) => {
    const topic = context.image.topics.byId(topicId as Uuid);
    return {
      topicId,
      partitions: partitions.map(partition => {
        const { partitionIndex } = partition;
        if (topic === undefined) return refused(partitionIndex, Errors.UNKNOWN_TOPIC_ID);
        // The second change of a partition would be made of what the first has changed.
        if (seen.has(`${topicId}:${partitionIndex}`)) return refused(partitionIndex, Errors.INVALID_REQUEST);
        seen.add(`${topicId}:${partitionIndex}`);
        return alterOne(context, changer, { leaderId: leader.id, topic, request: partition, records });
      }),
    };
  });
  return severally({ throttleTimeMs: 0, errorCode: Errors.NONE, topics }, records);
}

interface One {
  readonly leaderId: NodeId;
  readonly topic: TopicImage;
  readonly request: PartitionRequest;
  /** Where the record goes. */
  readonly records: MetadataRecord[];
}

function alterOne(
  context: ControllerContext,
  changer: PartitionChanger,
  { leaderId, topic, request, records }: One,
): PartitionResponse {
  const index = asPartitionIndex(request.partitionIndex);
  const partition = topic.partitions[index];
  if (partition === undefined) return refused(index, Errors.UNKNOWN_TOPIC_OR_PARTITION);
  const members = membersOf(request);
  const change: Change = { leaderId, partition, request, members };
  const error = checkEpochs(change) ?? checkMembers(change) ?? checkEligible(context, members);
  if (error !== undefined) return refused(index, error);
  const record = changer.change(
    { topic, index, partition },
    {
      isr: members.map(member => member.id),
      leaderRecoveryState: request.leaderRecoveryState as LeaderRecoveryState,
    },
  );
  if (record?.type !== 'PartitionChangeRecord') return accepted(index, partition);
  records.push(record);
  const { leader } = record.value;
  // The change ended a reassignment that the leader is not part of any more: it has to read the metadata.
  if (leader !== NO_LEADER_CHANGE && leader !== leaderId) return refused(index, Errors.NEW_LEADER_ELECTED);
  return accepted(index, partition.merge(record.value));
}

function membersOf({ newIsr, newIsrWithEpochs }: PartitionRequest): Member[] {
  // Before version 3 the members came without their epochs.
  if (newIsr.length > 0) return asNodes(newIsr).map(id => ({ id, epoch: UNKNOWN_EPOCH }));
  return newIsrWithEpochs.map(member => ({ id: asNodeId(member.brokerId), epoch: member.brokerEpoch }));
}

/** Whether the leader speaks of the partition as it is. */
function checkEpochs({ leaderId, partition, request }: Change): ErrorCode | undefined {
  // It knows what is to come: then it is this node that is behind, and leads the quorum no more.
  if (request.leaderEpoch > partition.leaderEpoch) return Errors.NOT_CONTROLLER;
  if (request.partitionEpoch > partition.partitionEpoch) return Errors.NOT_CONTROLLER;
  if (request.leaderEpoch < partition.leaderEpoch) return Errors.FENCED_LEADER_EPOCH;
  if (leaderId !== partition.leader) return Errors.INVALID_REQUEST;
  return request.partitionEpoch < partition.partitionEpoch ? Errors.INVALID_UPDATE_VERSION : undefined;
}

function checkMembers({ partition, request, members }: Change): ErrorCode | undefined {
  const ids = members.map(member => member.id);
  const isValid =
    new Set(ids).size === ids.length &&
    ids.every(id => partition.replicas.includes(id)) &&
    ids.includes(partition.leader);
  if (!isValid) return Errors.INVALID_REQUEST;
  const state = request.leaderRecoveryState;
  if (state !== 0 && state !== 1) return Errors.INVALID_REQUEST;
  const isRecovering = state === 1;
  // Who recovers is alone; and who has recovered does not begin again by itself.
  if (isRecovering && ids.length > 1) return Errors.INVALID_REQUEST;
  return isRecovering && partition.leaderRecoveryState === 0 ? Errors.INVALID_REQUEST : undefined;
}

/** Only who is up may be in sync, and in the very registration that the leader has seen: else it may lack records. */
function checkEligible({ image }: ControllerContext, members: readonly Member[]): ErrorCode | undefined {
  const isEligible = ({ id, epoch }: Member) => {
    const broker = image.cluster.brokers.get(id);
    if (broker === undefined || broker.fenced || broker.inControlledShutdown) return false;
    return epoch === UNKNOWN_EPOCH || epoch === broker.epoch;
  };
  return members.every(isEligible) ? undefined : Errors.INELIGIBLE_REPLICA;
}

function refused(partitionIndex: number, errorCode: ErrorCode): PartitionResponse {
  return { partitionIndex, errorCode, leaderId: 0, leaderEpoch: 0, isr: [], partitionEpoch: 0 };
}

function accepted(partitionIndex: number, partition: PartitionRegistration): PartitionResponse {
  return {
    partitionIndex,
    errorCode: Errors.NONE,
    leaderId: partition.leader,
    leaderEpoch: partition.leaderEpoch,
    isr: partition.isr,
    leaderRecoveryState: partition.leaderRecoveryState,
    partitionEpoch: partition.partitionEpoch,
  };
}
