import type {
  AlterPartitionReassignmentsRequest,
  AlterPartitionReassignmentsResponse,
} from '../messages/45_alter_partition_reassignments.ts';
import type {
  ListPartitionReassignmentsRequest,
  ListPartitionReassignmentsResponse,
} from '../messages/46_list_partition_reassignments.ts';
import { Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import { asPartitionIndex, type NodeId } from '../model/ids.ts';
import type { MessageInput } from '../protocol/schema.ts';
import type { ControllerContext } from './controller_context.ts';
import { atomically, type Decision } from './decision.ts';
import type { PartitionRegistration } from './image/partition_registration.ts';
import { checkReplicas } from './manual_assignment.ts';
import type { MetadataRecord } from './metadata_record.ts';
import { asNodes, type PartitionTarget } from './partition_change.ts';
import { PartitionChanger, type PartitionPlace } from './partition_changer.ts';

/*
 * Moving replicas (KIP-455). A partition gets the new replicas beside the old ones; when all the new ones are in sync
 * the old ones go (`partition_change.ts`). Given up, it has its first replicas again.
 */

export function alterReassignments(
  context: ControllerContext,
  request: AlterPartitionReassignmentsRequest,
): Decision<MessageInput<typeof AlterPartitionReassignmentsResponse>> {
  const { allowReplicationFactorChange } = request;
  const changer = new PartitionChanger(context);
  const records: MetadataRecord[] = [];
  const seen = new Set<string>();
  const alterOne = (name: string, index: number, replicas: readonly number[] | null): Failure | undefined => {
    const place = placeOf(context, name, index);
    if (failed(place)) return place;
    if (seen.has(`${name}-${index}`)) {
      return new Failure(Errors.INVALID_REQUEST, `Partition ${name}-${index} is in the request twice`);
    }
    seen.add(`${name}-${index}`);
    const target =
      replicas === null
        ? cancelled(changer, place)
        : reassigned(context, place, asNodes(replicas), allowReplicationFactorChange);
    if (failed(target)) return target;
    const record = changer.change(place, target, replicas === null ? undefined : 'online');
    if (record !== undefined) records.push(record);
    return undefined;
  };
  const responses = request.topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partitionIndex, replicas }) => {
      const failure = alterOne(name, partitionIndex, replicas);
      return {
        partitionIndex,
        errorCode: failure?.code ?? Errors.NONE,
        errorMessage: failure?.message ?? null,
      };
    }),
  }));
  const done = { throttleTimeMs: 0, errorCode: Errors.NONE, errorMessage: null };
  return atomically({ ...done, allowReplicationFactorChange, responses }, records);
}

/** The reassignments under way: all, or those of the partitions that are named. */
export function listReassignments(
  { image }: Pick<ControllerContext, 'image'>,
  request: ListPartitionReassignmentsRequest,
): MessageInput<typeof ListPartitionReassignmentsResponse> {
  const asked =
    request.topics ??
    [...image.topics.all()].map(({ name, partitions }) => ({
      name,
      partitionIndexes: [...partitions.keys()],
    }));
  const topics = asked
    .map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.flatMap(partitionIndex => {
        const partition = image.topics.byName(name)?.partitions[partitionIndex];
        if (!partition?.isReassigning) return [];
        const { replicas, addingReplicas, removingReplicas } = partition;
        return [{ partitionIndex, replicas, addingReplicas, removingReplicas }];
      }),
    }))
    .filter(topic => topic.partitions.length > 0);
  return { throttleTimeMs: 0, errorCode: Errors.NONE, errorMessage: null, topics };
}

function placeOf({ image }: ControllerContext, name: string, index: number): PartitionPlace | Failure {
  const topic = image.topics.byName(name);
  const partition = topic?.partitions[index];
  if (topic !== undefined && partition !== undefined)
    return { topic, index: asPartitionIndex(index), partition };
  const what = topic === undefined ? `There is no topic ${name}` : `Topic ${name} has no partition ${index}`;
  return new Failure(Errors.UNKNOWN_TOPIC_OR_PARTITION, what);
}

/** What gives the partition these replicas. */
export function reassigned(
  { image }: ControllerContext,
  { topic, index, partition }: PartitionPlace,
  replicas: readonly NodeId[],
  allowReplicationFactorChange: boolean,
): PartitionTarget | Failure {
  const what = `Cannot reassign ${topic.name}-${index}`;
  const refused = checkReplicas(what, replicas, image.cluster.brokers);
  if (refused !== undefined) return refused;
  const replicationFactor = factorOf(partition);
  if (!allowReplicationFactorChange && replicas.length !== replicationFactor) {
    return new Failure(
      Errors.INVALID_REPLICATION_FACTOR,
      `${what}: it has ${replicationFactor} replicas and would have ${replicas.length}, which the request forbids`,
    );
  }
  const ascending = (left: NodeId, right: NodeId) => left - right;
  // Also what an earlier reassignment was adding, be it removed by this one: that is what giving up takes out again.
  const isAdded = (replica: NodeId) =>
    !partition.replicas.includes(replica) || partition.addingReplicas.includes(replica);
  const removingReplicas = partition.replicas.filter(replica => !replicas.includes(replica)).sort(ascending);
  const all = [...replicas, ...removingReplicas];
  return { replicas: all, removingReplicas, addingReplicas: all.filter(isAdded).sort(ascending) };
}

/** The number of replicas once the reassignment under way is complete. */
function factorOf({ replicas, removingReplicas }: PartitionRegistration): number {
  return replicas.length - removingReplicas.length;
}

/** What gives the partition the replicas again that it had before. */
export function cancelled(
  changer: PartitionChanger,
  { topic, index, partition }: PartitionPlace,
): PartitionTarget | Failure {
  if (!partition.isReassigning) {
    return new Failure(
      Errors.NO_REASSIGNMENT_IN_PROGRESS,
      `Partition ${topic.name}-${index} is not being reassigned: there is nothing to give up`,
    );
  }
  const { addingReplicas } = partition;
  const stays = (replica: NodeId) => !addingReplicas.includes(replica);
  const replicas = partition.replicas.filter(stays);
  const isr = partition.isr.filter(stays);
  const [first] = replicas;
  if (first === undefined) {
    return new Failure(
      Errors.INVALID_REPLICA_ASSIGNMENT,
      `Cannot give up the reassignment of ${topic.name}-${index}: it adds all of its replicas`,
    );
  }
  const target = { replicas, removingReplicas: [], addingReplicas: [] };
  if (isr.length > 0) return { ...target, isr };
  if (changer.policiesOf(topic).uncleanElection) return { ...target, isr: [first] };
  return new Failure(
    Errors.INVALID_REPLICA_ASSIGNMENT,
    `Cannot give up the reassignment of ${topic.name}-${index}: only replicas that it adds are in sync, so this ` +
      'would lose records. Let it complete, or allow unclean.leader.election.enable for the topic',
  );
}
