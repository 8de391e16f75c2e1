import { partitionOf } from '../coordinator/partition_of.ts';
import type { FindCoordinator, FindCoordinatorRequest } from '../messages/10_find_coordinator.ts';
import { type ErrorCode, Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import { asPartitionIndex } from '../model/ids.ts';
import { GROUP_OFFSETS_TOPIC } from '../model/topic_name.ts';
import type { MessageInput } from '../protocol/schema.ts';
import type { BrokerServices } from './broker_services.ts';
import { type BrokerNode, brokerNode, isAlive } from './cluster_view.ts';
import type { RequestContext } from './request_context.ts';

type Response = MessageInput<(typeof FindCoordinator)['response']>;

/** From this version on several keys are asked for at once. */
const FIRST_VERSION_WITH_KEYS = 4;
const GROUP = 0;

const NOBODY = { id: -1, host: '', port: -1 };

/** Names the broker that coordinates a group; creates the coordinators' topic when it is first asked for. */
export async function handleFindCoordinator(
  request: FindCoordinatorRequest,
  context: RequestContext,
  services: BrokerServices,
): Promise<Response> {
  const { apiVersion } = context;
  const isBatched = apiVersion >= FIRST_VERSION_WITH_KEYS;
  const keys = isBatched ? request.coordinatorKeys : [request.key];
  const coordinators = await Promise.all(
    keys.map(async key => {
      const found = await find(request.keyType, key, context, services);
      const { id, host, port } = failed(found) ? NOBODY : found;
      const errorCode: ErrorCode = failed(found) ? found.code : Errors.NONE;
      return { key, nodeId: id, host, port, errorCode, errorMessage: failed(found) ? found.message : null };
    }),
  );
  if (isBatched) return { errorCode: Errors.NONE, nodeId: 0, host: '', port: 0, coordinators };
  const { key: _, ...only } = coordinators[0]!;
  return { ...only, coordinators: [] };
}

async function find(
  keyType: number,
  key: string,
  context: RequestContext,
  services: BrokerServices,
): Promise<BrokerNode | Failure> {
  if (keyType !== GROUP) {
    const what = keyType === 1 ? 'Transactions are' : keyType === 2 ? 'Share groups are' : 'The key type is';
    return new Failure(Errors.INVALID_REQUEST, `${what} not supported by this broker`);
  }
  const { metadata, autoTopics } = services;
  if (metadata.image.topics.byName(GROUP_OFFSETS_TOPIC) === undefined) {
    const errors = await autoTopics.create([GROUP_OFFSETS_TOPIC]);
    if (errors.size > 0) {
      return new Failure(
        Errors.COORDINATOR_NOT_AVAILABLE,
        `${GROUP_OFFSETS_TOPIC} could not be created yet: try again`,
      );
    }
  }
  await services.neighbours.certain();
  const { image } = metadata;
  const topic = image.topics.byName(GROUP_OFFSETS_TOPIC);
  const index = partitionOf(key, Math.max(1, topic?.partitions.length ?? 0));
  const leader = topic?.partitions[index]?.leader;
  const { listenerName } = context.client;
  // Whoever is cut off would send the group's members to itself again and again.
  const isCutOff = services.replicas.isCutOff(GROUP_OFFSETS_TOPIC, asPartitionIndex(index));
  if (isCutOff) context.closeReason = 'this broker does not know any more who coordinates its groups';
  const isUsable = leader !== undefined && !isCutOff && isAlive(image, leader, listenerName);
  const node = isUsable ? brokerNode(image, leader, listenerName) : undefined;
  if (node !== undefined) return node;
  return new Failure(
    Errors.COORDINATOR_NOT_AVAILABLE,
    `${GROUP_OFFSETS_TOPIC}-${index} has no leader at the moment: try again`,
  );
}
