import type { MetadataImage } from '../controller/image/metadata_image.ts';
import type { PartitionRegistration } from '../controller/image/partition_registration.ts';
import type { TopicImage } from '../controller/image/topics_image.ts';
import type { Metadata, MetadataRequest } from '../messages/03_metadata.ts';
import { type ErrorCode, Errors } from '../model/error_codes.ts';
import { asPartitionIndex, asUuid, NO_NODE, type NodeId } from '../model/ids.ts';
import { isInternalTopic, topicNameProblem } from '../model/topic_name.ts';
import { ZERO_UUID } from '../model/uuid.ts';
import type { MessageInput } from '../protocol/schema.ts';
import type { ReplicaManager } from '../replica/replica_manager.ts';
import { CLUSTER_OPERATIONS, OPERATIONS_NOT_ASKED_FOR, TOPIC_OPERATIONS } from './authorized_operations.ts';
import type { BrokerServices } from './broker_services.ts';
import {
  aliveBrokerNodes,
  brokerNode,
  controllerForClients,
  isAlive,
  offlineReplicas,
} from './cluster_view.ts';
import type { RequestContext } from './request_context.ts';

type Response = MessageInput<(typeof Metadata)['response']>;
type TopicResponse = Response['topics'][number];

/** From this version on a topic may be asked for by its id (KIP-516). */
const FIRST_VERSION_BY_ID = 12;
/** From this version on a leader without the client's listener has an error of its own. */
const FIRST_VERSION_WITH_LISTENER_ERROR = 6;

/** Answers Metadata; creates topics that are not there if both the client and `auto.create.topics.enable` want it. */
export async function handleMetadata(
  request: MetadataRequest,
  context: RequestContext,
  services: BrokerServices,
): Promise<Response> {
  const { apiVersion, client } = context;
  const problem = misuseOfIds(request, apiVersion);
  const wantsAll = isForAllTopics(request, apiVersion);
  const mayCreate =
    !wantsAll && request.allowAutoTopicCreation && services.settings.autoCreateTopicsEnable && !problem;
  const creationErrors = mayCreate ? await createMissing(request, services) : new Map<string, ErrorCode>();
  await services.neighbours.certain();
  const { image, leader } = services.metadata;
  const view = new TopicView(services, context, request.includeTopicAuthorizedOperations);
  const topics = problem
    ? (request.topics ?? []).map(topic => view.failed(topic.name, topic.topicId, Errors.INVALID_REQUEST))
    : wantsAll
      ? Array.from(image.topics.all(), topic => view.topic(topic))
      : asked(request, view, image, creationErrors);
  // Some clients ask the broker that they know best again and again.
  if (view.isCutOff) context.closeReason = 'this broker does not know any more who leads what it led';
  return {
    brokers: shownBrokers(image, client.listenerName, services),
    clusterId: services.clusterId,
    controllerId: controllerForClients(image, leader.leaderId, client.listenerName),
    topics,
    clusterAuthorizedOperations: request.includeClusterAuthorizedOperations
      ? CLUSTER_OPERATIONS
      : OPERATIONS_NOT_ASKED_FOR,
  };
}

/** Those that are alive, and those that were a moment ago. */
function shownBrokers(
  image: MetadataImage,
  listenerName: string,
  { neighbours }: BrokerServices,
): Response['brokers'] {
  const nodes = aliveBrokerNodes(image, listenerName);
  for (const { id, fenced } of image.cluster.brokers.values()) {
    const node = fenced && neighbours.wasJustAlive(id) ? brokerNode(image, id, listenerName) : undefined;
    if (node !== undefined) nodes.push(node);
  }
  return nodes.map(({ id, ...node }) => ({ nodeId: id, ...node }));
}

/** Version 0 asks for all topics by an empty list, later ones by null. */
function isForAllTopics({ topics }: MetadataRequest, apiVersion: number): boolean {
  return topics === null || (apiVersion === 0 && topics.length === 0);
}

function misuseOfIds({ topics }: MetadataRequest, apiVersion: number): boolean {
  if (apiVersion >= FIRST_VERSION_BY_ID || topics === null) return false;
  return topics.some(topic => topic.name === null || topic.topicId !== ZERO_UUID);
}

function asked(
  request: MetadataRequest,
  view: TopicView,
  image: MetadataImage,
  creationErrors: ReadonlyMap<string, ErrorCode>,
): TopicResponse[] {
  const responses = new Map<string, TopicResponse>();
  for (const { name, topicId } of request.topics ?? []) {
    if (topicId !== ZERO_UUID) {
      const topic = image.topics.byId(asUuid(topicId));
      responses.set(
        topicId,
        topic === undefined ? view.failed(null, topicId, Errors.UNKNOWN_TOPIC_ID) : view.topic(topic),
      );
    } else if (name !== null) {
      const topic = image.topics.byName(name);
      const error =
        topicNameProblem(name) === undefined
          ? (creationErrors.get(name) ?? Errors.UNKNOWN_TOPIC_OR_PARTITION)
          : Errors.INVALID_TOPIC_EXCEPTION;
      responses.set(name, topic === undefined ? view.failed(name, ZERO_UUID, error) : view.topic(topic));
    }
  }
  return [...responses.values()];
}

/** Creates the topics that are asked for and not there, and waits for them; the errors of those that can't be. */
async function createMissing(
  request: MetadataRequest,
  services: BrokerServices,
): Promise<Map<string, ErrorCode>> {
  const { image } = services.metadata;
  const missing = new Set<string>();
  for (const { name, topicId } of request.topics ?? []) {
    if (name === null || topicId !== ZERO_UUID || image.topics.byName(name) !== undefined) continue;
    if (topicNameProblem(name) === undefined) missing.add(name);
  }
  return missing.size === 0 ? new Map() : await services.autoTopics.create([...missing]);
}

/** Topics in the form of the response, as clients of one listener and one version see them. */
class TopicView {
  readonly #image: MetadataImage;
  readonly #listenerName: string;
  readonly #apiVersion: number;
  readonly #operations: number;
  readonly #nodeId: NodeId;
  readonly #replicas: ReplicaManager;
  /** Whether another broker may lead by now what this one led: it names no leader of that. */
  isCutOff = false;

  constructor(services: BrokerServices, context: RequestContext, withOperations: boolean) {
    this.#image = services.metadata.image;
    this.#nodeId = services.nodeId;
    this.#replicas = services.replicas;
    this.#listenerName = context.client.listenerName;
    this.#apiVersion = context.apiVersion;
    this.#operations = withOperations ? TOPIC_OPERATIONS : OPERATIONS_NOT_ASKED_FOR;
  }

  topic({ id, name, partitions }: TopicImage): TopicResponse {
    return {
      errorCode: Errors.NONE,
      name,
      topicId: id,
      isInternal: isInternalTopic(name),
      partitions: partitions.map((partition, index) => this.#partition(name, partition, index)),
      topicAuthorizedOperations: this.#operations,
    };
  }

  failed(name: string | null, topicId: string, errorCode: ErrorCode): TopicResponse {
    const isInternal = name !== null && isInternalTopic(name);
    return {
      errorCode,
      // Versions below 12 have no null: the empty name stands for it.
      name: name === null && this.#apiVersion < FIRST_VERSION_BY_ID ? '' : name,
      topicId,
      isInternal,
      partitions: [],
      // Of a topic that nobody knows by name nothing can be said.
      topicAuthorizedOperations: name === null ? OPERATIONS_NOT_ASKED_FOR : this.#operations,
    };
  }

  #partition(
    topic: string,
    partition: PartitionRegistration,
    index: number,
  ): TopicResponse['partitions'][number] {
    const { replicas, isr, leader, leaderEpoch } = partition;
    const isLeaderKnown = leader !== this.#nodeId || !this.#replicas.isCutOff(topic, asPartitionIndex(index));
    if (!isLeaderKnown) this.isCutOff = true;
    const leaderNode = isLeaderKnown ? brokerNode(this.#image, leader, this.#listenerName) : undefined;
    const shownReplicas = this.#shown(replicas);
    const shownIsr = this.#shown(isr);
    const isIncomplete = shownReplicas.length < replicas.length || shownIsr.length < isr.length;
    return {
      errorCode:
        leaderNode === undefined
          ? this.#leaderError(partition)
          : isIncomplete
            ? Errors.REPLICA_NOT_AVAILABLE
            : Errors.NONE,
      partitionIndex: index,
      leaderId: leaderNode === undefined ? NO_NODE : leader,
      leaderEpoch,
      replicaNodes: shownReplicas,
      isrNodes: shownIsr,
      offlineReplicas: offlineReplicas(this.#image, partition, this.#listenerName),
    };
  }

  /** Version 0 leaves out the brokers that are not alive. */
  #shown(replicas: readonly number[]): readonly number[] {
    if (this.#apiVersion > 0) return replicas;
    return replicas.filter(id => isAlive(this.#image, id as never, this.#listenerName));
  }

  #leaderError({ leader }: PartitionRegistration): ErrorCode {
    const isKnown = leader !== this.#nodeId && this.#image.cluster.brokers.has(leader);
    return isKnown && this.#apiVersion >= FIRST_VERSION_WITH_LISTENER_ERROR
      ? Errors.LISTENER_NOT_FOUND
      : Errors.LEADER_NOT_AVAILABLE;
  }
}
