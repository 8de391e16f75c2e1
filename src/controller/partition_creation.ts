import type { CreatePartitionsRequest, CreatePartitionsResponse } from '../messages/37_create_partitions.ts';
import { Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import type { NodeId } from '../model/ids.ts';
import { MAX_METADATA_BATCH_RECORDS } from '../model/limits.ts';
import type { MessageInput } from '../protocol/schema.ts';
import type { ControllerContext } from './controller_context.ts';
import { atomically, type Decision } from './decision.ts';
import type { TopicImage } from './image/topics_image.ts';
import { checkReplicas } from './manual_assignment.ts';
import type { MetadataRecord } from './metadata_record.ts';
import type { ChargeMutations } from './mutation_charge.ts';
import { newPartitions, placePartitions } from './new_partitions.ts';
import { asNodes } from './partition_change.ts';

type TopicRequest = CreatePartitionsRequest['topics'][number];

/** Adds partitions to topics. */
export function createPartitions(
  context: ControllerContext,
  request: CreatePartitionsRequest,
  charge: ChargeMutations,
): Decision<MessageInput<typeof CreatePartitionsResponse>> {
  const names = request.topics.map(topic => topic.name);
  const records: MetadataRecord[] = [];
  const results = [...new Set(names)].map(name => {
    const asked = request.topics.filter(topic => topic.name === name);
    const created =
      asked.length > 1
        ? new Failure(Errors.INVALID_REQUEST, `The topic ${name} is in the request ${asked.length} times`)
        : createFor(context, asked[0]!, charge);
    if (failed(created)) return { name, errorCode: created.code, errorMessage: created.message };
    for (const record of created) records.push(record);
    return { name, errorCode: Errors.NONE, errorMessage: null };
  });
  return atomically({ throttleTimeMs: 0, results }, request.validateOnly ? [] : records);
}

function createFor(
  context: ControllerContext,
  request: TopicRequest,
  charge: ChargeMutations,
): MetadataRecord[] | Failure {
  const topic = context.image.topics.byName(request.name);
  if (topic === undefined) {
    return new Failure(Errors.UNKNOWN_TOPIC_OR_PARTITION, `There is no topic ${request.name}`);
  }
  const existing = topic.partitions.length;
  if (request.count <= existing) {
    return new Failure(
      Errors.INVALID_PARTITIONS,
      `Topic ${topic.name} has ${existing} partitions: ${request.count} would be no more, and partitions can't be taken away`,
    );
  }
  const added = request.count - existing;
  if (added > MAX_METADATA_BATCH_RECORDS) {
    return new Failure(
      Errors.POLICY_VIOLATION,
      `${added} partitions can't be added at once: ${MAX_METADATA_BATCH_RECORDS} are allowed`,
    );
  }
  const replicationFactor = topic.partitions[0]!.replicas.length;
  const replicas =
    request.assignments === null
      ? placePartitions(context, added, replicationFactor)
      : assigned(context, topic, added, request.assignments);
  if (failed(replicas)) return replicas;
  const refused = charge(added);
  if (refused !== undefined) return refused;
  return newPartitions(context, topic.id, existing, replicas);
}

function assigned(
  { image }: ControllerContext,
  topic: TopicImage,
  added: number,
  assignments: NonNullable<TopicRequest['assignments']>,
): NodeId[][] | Failure {
  const existing = topic.partitions.length;
  if (assignments.length !== added) {
    return new Failure(
      Errors.INVALID_REPLICA_ASSIGNMENT,
      `Topic ${topic.name} would get ${added} partitions more, and replicas are given for ${assignments.length}`,
    );
  }
  const replicasOf: NodeId[][] = [];
  for (const [position, { brokerIds }] of assignments.entries()) {
    const replicas = asNodes(brokerIds);
    const what = `Cannot create partition ${topic.name}-${existing + position}`;
    const factor = topic.partitions[0]!.replicas.length;
    const refused = checkReplicas(what, replicas, image.cluster.brokers, factor);
    if (refused !== undefined) return refused;
    replicasOf.push(replicas);
  }
  return replicasOf;
}
