import type { CreateTopicsRequest, CreateTopicsResponse } from '../messages/19_create_topics.ts';
import { Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import type { NodeId } from '../model/ids.ts';
import { MAX_METADATA_BATCH_RECORDS } from '../model/limits.ts';
import { CLUSTER_METADATA_TOPIC, topicNameProblem } from '../model/topic_name.ts';
import { randomUuid } from '../model/uuid.ts';
import type { MessageInput } from '../protocol/schema.ts';
import { newTopicConfigs } from '../settings/check_changes.ts';
import { ConfigResourceType } from '../settings/config_resource.ts';
import { describeTopic } from '../settings/describe_configs.ts';
import type { Properties } from '../settings/values.ts';
import type { ControllerContext } from './controller_context.ts';
import { atomically, type Decision } from './decision.ts';
import { collisionForm } from './image/topics_image.ts';
import { checkReplicas } from './manual_assignment.ts';
import { type MetadataRecord, metadataRecord } from './metadata_record.ts';
import type { ChargeMutations } from './mutation_charge.ts';
import { newPartitions, placePartitions } from './new_partitions.ts';
import { asNodes } from './partition_change.ts';

type TopicRequest = CreateTopicsRequest['topics'][number];
type TopicResponse = MessageInput<typeof CreateTopicsResponse>['topics'][number];

/** Leaves a number to the settings of the cluster (KIP-464). */
const BY_DEFAULT = -1;

interface CreatedTopic {
  readonly records: readonly MetadataRecord[];
  readonly response: TopicResponse;
}

/** Creates topics: each that can be, whatever becomes of the others. */
export function createTopics(
  context: ControllerContext,
  request: CreateTopicsRequest,
  charge: ChargeMutations,
): Decision<MessageInput<typeof CreateTopicsResponse>> | Failure {
  const partitionCount = request.topics.reduce((sum, topic) => sum + partitionsOf(context, topic), 0);
  if (partitionCount > MAX_METADATA_BATCH_RECORDS) {
    return new Failure(
      Errors.POLICY_VIOLATION,
      `The request creates ${partitionCount} partitions, and ${MAX_METADATA_BATCH_RECORDS} are allowed: split it`,
    );
  }
  const records: MetadataRecord[] = [];
  const created = new Map<string, string>();
  const names = [...new Set(request.topics.map(topic => topic.name))];
  const topics = names.map((name): TopicResponse => {
    const asked = request.topics.filter(topic => topic.name === name);
    const topic = checkName(context, name, asked.length, created) ?? createTopic(context, asked[0]!, charge);
    if (failed(topic)) return { name, errorCode: topic.code, errorMessage: topic.message };
    created.set(collisionForm(name), name);
    for (const record of topic.records) records.push(record);
    return topic.response;
  });
  return atomically({ throttleTimeMs: 0, topics }, request.validateOnly ? [] : records);
}

/** How many partitions the topic asks for, whether it can have them or not. */
function partitionsOf({ settings }: ControllerContext, { assignments, numPartitions }: TopicRequest): number {
  if (assignments.length > 0) return assignments.length;
  return numPartitions === BY_DEFAULT ? settings.numPartitions : Math.max(0, numPartitions);
}

/** @param created names of this request by their collision form */
function checkName(
  { image }: ControllerContext,
  name: string,
  count: number,
  created: ReadonlyMap<string, string>,
): Failure | undefined {
  if (count > 1)
    return new Failure(Errors.INVALID_REQUEST, `The topic ${name} is in the request ${count} times`);
  const problem = topicNameProblem(name);
  if (problem !== undefined)
    return new Failure(Errors.INVALID_TOPIC_EXCEPTION, `Cannot create the topic: ${problem}`);
  if (name === CLUSTER_METADATA_TOPIC) {
    return new Failure(
      Errors.INVALID_REQUEST,
      `${name} is the log of the metadata: no topic can have its name`,
    );
  }
  if (image.topics.byName(name) !== undefined) {
    return new Failure(Errors.TOPIC_ALREADY_EXISTS, `The topic ${name} already exists`);
  }
  const other = image.topics.collidingWith(name) ?? created.get(collisionForm(name));
  if (other === undefined) return undefined;
  return new Failure(
    Errors.INVALID_TOPIC_EXCEPTION,
    `Cannot create topic ${name}: it differs from ${other} only in "." and "_", which metrics can't tell apart`,
  );
}

function createTopic(
  context: ControllerContext,
  request: TopicRequest,
  charge: ChargeMutations,
): CreatedTopic | Failure {
  const { name } = request;
  const configs = newTopicConfigs(request.configs, context.node.resolved);
  if (failed(configs)) return configs;
  const replicasOf = request.assignments.length > 0 ? assigned(context, request) : placed(context, request);
  if (failed(replicasOf)) return replicasOf;
  const topicId = randomUuid(context.random);
  const partitions = newPartitions(context, topicId, 0, replicasOf);
  if (failed(partitions)) return partitions;
  const refused = charge(replicasOf.length);
  if (refused !== undefined) return refused;
  return {
    records: [
      metadataRecord('TopicRecord', 0, { name, topicId }),
      ...configRecords(name, configs),
      ...partitions,
    ],
    response: {
      name,
      topicId,
      errorCode: Errors.NONE,
      errorMessage: null,
      numPartitions: replicasOf.length,
      replicationFactor: replicasOf[0]!.length,
      configs: describeTopic(context.node, configs)
        .map(({ name, value, readOnly, configSource, isSensitive }) => ({
          name,
          value,
          readOnly,
          configSource,
          isSensitive,
        }))
        .sort((left, right) => (left.name < right.name ? -1 : 1)),
    },
  };
}

function configRecords(resourceName: string, configs: Properties): MetadataRecord[] {
  const resourceType = ConfigResourceType.TOPIC;
  return [...configs].map(([name, value]) =>
    metadataRecord('ConfigRecord', 0, { resourceType, resourceName, name, value }),
  );
}

function placed(context: ControllerContext, request: TopicRequest): NodeId[][] | Failure {
  const { settings } = context;
  const { name, numPartitions, replicationFactor } = request;
  if (replicationFactor < 1 && replicationFactor !== BY_DEFAULT) {
    return new Failure(
      Errors.INVALID_REPLICATION_FACTOR,
      `Cannot create topic ${name} with ${replicationFactor} replicas: 1 or more are allowed, or -1 for the default`,
    );
  }
  if (numPartitions < 1 && numPartitions !== BY_DEFAULT) {
    return new Failure(
      Errors.INVALID_PARTITIONS,
      `Cannot create topic ${name} with ${numPartitions} partitions: 1 or more are allowed, or -1 for the default`,
    );
  }
  return placePartitions(
    context,
    numPartitions === BY_DEFAULT ? settings.numPartitions : numPartitions,
    replicationFactor === BY_DEFAULT ? settings.defaultReplicationFactor : replicationFactor,
  );
}

/** The replicas that a person has chosen. */
function assigned({ image }: ControllerContext, request: TopicRequest): NodeId[][] | Failure {
  const { name, numPartitions, replicationFactor, assignments } = request;
  if (numPartitions !== BY_DEFAULT || replicationFactor !== BY_DEFAULT) {
    return new Failure(
      Errors.INVALID_REQUEST,
      `Topic ${name} is given its replicas: then the numbers of partitions and replicas have to be -1`,
    );
  }
  const replicasOf: NodeId[][] = [];
  let factor: number | undefined;
  for (const { partitionIndex, brokerIds } of assignments) {
    const what = `Cannot create partition ${name}-${partitionIndex}`;
    const refuse = (why: string) => new Failure(Errors.INVALID_REPLICA_ASSIGNMENT, `${what}: ${why}`);
    if (replicasOf[partitionIndex] !== undefined) return refuse('it is in the request twice');
    if (partitionIndex < 0 || partitionIndex >= assignments.length) {
      return refuse(`partitions are counted from 0, and ${assignments.length} are given`);
    }
    const replicas = asNodes(brokerIds);
    const refused = checkReplicas(what, replicas, image.cluster.brokers, factor);
    if (refused !== undefined) return refused;
    factor = replicas.length;
    replicasOf[partitionIndex] = replicas;
  }
  return replicasOf;
}
