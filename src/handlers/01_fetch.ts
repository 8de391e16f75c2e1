import type { Fetch, FetchRequest } from '../messages/01_fetch.ts';
import { Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import { asBrokerEpoch, asNodeId, asOffset, asPartitionIndex, asUuid, type NodeId } from '../model/ids.ts';
import type { MessageInput } from '../protocol/schema.ts';
import {
  type FetchedPartition,
  type FetchingFollower,
  FetchOperation,
  type FetchTarget,
} from '../replica/fetch_operation.ts';
import { type FetchContext, type FetchPartition, NO_SESSION } from '../replica/fetch_sessions.ts';
import { nearestReplica } from '../replica/nearest_replica.ts';
import type { Partition } from '../replica/partition.ts';
import type { BrokerServices } from './broker_services.ts';
import { isAlive } from './cluster_view.ts';
import { countFetched } from './count_fetched.ts';
import { CurrentLeaders, isLeadershipError } from './current_leader.ts';
import { findPartition, topicNameOf } from './find_partition.ts';
import { quorumContext, type RequestContext } from './request_context.ts';

type Response = MessageInput<(typeof Fetch)['response']>;
type TopicResponse = Response['responses'][number];
type PartitionResponse = TopicResponse['partitions'][number];

/** From this version on topics are named by their ids (KIP-516). */
const FIRST_VERSION_BY_ID = 13;
/** The first version whose clients read zstd (KIP-110). */
const FIRST_VERSION_WITH_ZSTD = 10;
/** The first version that tells who leads instead, and the first that tells where that is (KIP-951). */
const FIRST_VERSION_WITH_LEADER = 12;
const FIRST_VERSION_WITH_ENDPOINTS = 16;
/** The first version whose consumers may be sent to another replica than the leader (KIP-392). */
const FIRST_VERSION_WITH_RACKS = 11;
/** From this version on a follower tells its broker epoch too (KIP-903). */
const FIRST_VERSION_WITH_REPLICA_STATE = 15;
const READ_COMMITTED = 1;
const NO_PREFERENCE = -1;

/**
 * Reads record batches, for consumers and followers; waits for new ones as long as they allow. At a controller's
 * listener there is the metadata log alone.
 */
export async function handleFetch(
  request: FetchRequest,
  context: RequestContext,
  services: BrokerServices,
): Promise<Response> {
  const { clock, settings, quorum, quotas } = services;
  if (context.client.listenerKind === 'controller')
    return quorum.handleFetch(request, quorumContext(context));
  const follower = followerIn(request, context, services);
  const session = openSession(request, context, { services, isFollower: follower !== undefined });
  if (failed(session)) return { errorCode: session.code, sessionId: NO_SESSION, responses: [] };
  const { rackId } = request;
  // Quotas are those of clients: followers have throttles of their own.
  const limitBytes = follower === undefined ? quotas.maxFetchBytes(context) : request.maxBytes;
  const targets = session.partitions.map(want =>
    target(want, context, { services, rackId: follower === undefined ? rackId : '' }),
  );
  const maxBytes = Math.min(request.maxBytes, settings.fetchMaxBytes, limitBytes);
  const bounds = {
    minBytes: Math.min(request.minBytes, maxBytes),
    maxBytes,
    maxWaitMs: request.maxWaitMs,
    isReadCommitted: follower === undefined && request.isolationLevel === READ_COMMITTED,
    follower,
    mayReadFollowers: follower === undefined && context.apiVersion >= FIRST_VERSION_WITH_RACKS,
  };
  const fetched = await new FetchOperation(targets, bounds, clock).run();
  if (follower !== undefined) {
    recordThrottled(fetched, targets, services);
    countFetched(targets, fetched, { isFollower: true, statistics: services.replicas.topicStatistics });
    return respond(session, fetched, context, services);
  }
  const fetchedBytes = fetched.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const throttleTimeMs = quotas.fetched(fetchedBytes, context);
  if (throttleTimeMs === 0) {
    countFetched(targets, fetched, { isFollower: false, statistics: services.replicas.topicStatistics });
    return respond(session, fetched, context, services);
  }
  // What the client has to wait for is read again when it asks the next time.
  return {
    errorCode: Errors.NONE,
    sessionId: request.sessionEpoch > 0 ? session.sessionId : NO_SESSION,
    throttleTimeMs,
    responses: [],
  };
}

/** The broker that fetches; undefined for a consumer. */
function followerIn(
  { replicaId, replicaState }: FetchRequest,
  { apiVersion }: RequestContext,
  { replicas, nodeId }: BrokerServices,
): FetchingFollower | undefined {
  const id = asNodeId(apiVersion >= FIRST_VERSION_WITH_REPLICA_STATE ? replicaState.replicaId : replicaId);
  if (id < 0) return undefined;
  const throttle = replicas.leaderThrottle;
  const isExceeded = throttle.isLimited && throttle.isExceeded();
  return {
    id,
    brokerEpoch: asBrokerEpoch(replicaState.replicaEpoch),
    isThrottled: partition =>
      isExceeded && !partition.isr.includes(id) && throttle.concerns(partition, nodeId),
  };
}

/** Counts what was sent of partitions whose replication is throttled. */
function recordThrottled(
  fetched: readonly FetchedPartition[],
  targets: readonly FetchTarget[],
  { replicas: { leaderThrottle }, nodeId }: BrokerServices,
): void {
  if (!leaderThrottle.isLimited) return;
  fetched.forEach(({ sizeBytes }, at) => {
    const { partition } = targets[at]!;
    if (!failed(partition) && leaderThrottle.concerns(partition, nodeId)) leaderThrottle.record(sizeBytes);
  });
}

interface SessionOptions {
  readonly services: BrokerServices;
  readonly isFollower: boolean;
}

function openSession(
  request: FetchRequest,
  { apiVersion }: RequestContext,
  { services: { fetchSessions, clock }, isFollower }: SessionOptions,
): FetchContext | Failure {
  const partitions = request.topics.flatMap(({ topic, topicId, partitions }) =>
    partitions.map(
      (each): FetchPartition => ({
        topic,
        topicId: asUuid(topicId),
        index: asPartitionIndex(each.partition),
        fetchOffset: each.fetchOffset,
        maxBytes: each.partitionMaxBytes,
        currentLeaderEpoch: each.currentLeaderEpoch,
        lastFetchedEpoch: each.lastFetchedEpoch,
        logStartOffset: each.logStartOffset,
      }),
    ),
  );
  const forgotten = request.forgottenTopicsData.flatMap(({ topic, topicId, partitions }) =>
    partitions.map(index => ({ topic, topicId: asUuid(topicId), index: asPartitionIndex(index) })),
  );
  return fetchSessions.open(
    {
      sessionId: request.sessionId,
      sessionEpoch: request.sessionEpoch,
      partitions,
      forgotten,
      usesTopicIds: apiVersion >= FIRST_VERSION_BY_ID,
      isFollower,
    },
    clock.monotonicMs(),
  );
}

interface TargetOptions {
  readonly services: BrokerServices;
  /** Where the consumer stands; empty for a follower. */
  readonly rackId: string;
}

function target(
  want: FetchPartition,
  { apiVersion, client }: RequestContext,
  { services, rackId }: TargetOptions,
): FetchTarget {
  const name = topicNameOf(want.topic, want.topicId, services);
  if (failed(name)) return { want, partition: name };
  const partition = findPartition(name, want.index, services);
  if (failed(partition)) return { want, partition };
  const isTooOld = apiVersion < FIRST_VERSION_WITH_ZSTD && partition.config.compressionType === 'zstd';
  if (!isTooOld) {
    const preferredReplica =
      rackId === ''
        ? undefined
        : preferred(want, partition, { services, rackId, listenerName: client.listenerName });
    return { want, partition, preferredReplica };
  }
  const text = `${name} is compressed with zstd, which Fetch ${apiVersion} can't carry: use a newer client`;
  return { want, partition: new Failure(Errors.UNSUPPORTED_COMPRESSION_TYPE, text) };
}

/** Another replica than the leader's, if replicas are chosen here, and one is nearer. */
function preferred(
  { fetchOffset }: FetchPartition,
  partition: Partition,
  { services, rackId, listenerName }: TargetOptions & { readonly listenerName: string },
): NodeId | undefined {
  const { settings, nodeId, metadata, cluster } = services;
  if (settings.replicaSelectorClass === undefined) return undefined;
  return nearestReplica(partition, {
    rackId,
    fetchOffset: asOffset(fetchOffset),
    cluster,
    leader: nodeId,
    isReachable: id => isAlive(metadata.image, id, listenerName),
  });
}

function respond(
  session: FetchContext,
  fetched: readonly FetchedPartition[],
  { client, apiVersion }: RequestContext,
  services: BrokerServices,
): Response {
  const isTold = apiVersion >= FIRST_VERSION_WITH_LEADER;
  const leaders = new CurrentLeaders(services, client.listenerName, { isTold });
  const topics = new Map<string, TopicResponse & { partitions: PartitionResponse[] }>();
  for (const [at, each] of fetched.entries()) {
    if (!session.include(at, answerOf(each))) continue;
    const { topic, topicId } = each.want;
    const key = topic === '' ? topicId : topic;
    let response = topics.get(key);
    if (response === undefined) {
      response = { topic, topicId, partitions: [] };
      topics.set(key, response);
    }
    response.partitions.push(partitionResponse(each, leaders, services));
  }
  return {
    errorCode: Errors.NONE,
    sessionId: session.sessionId,
    responses: [...topics.values()],
    nodeEndpoints: apiVersion >= FIRST_VERSION_WITH_ENDPOINTS ? leaders.nodeEndpoints : [],
  };
}

function answerOf(fetched: FetchedPartition) {
  const { failure, highWatermark, logStartOffset, sizeBytes, divergingEpoch, preferredReplica } = fetched;
  return {
    errorCode: failure?.code ?? Errors.NONE,
    highWatermark,
    logStartOffset,
    recordsBytes: sizeBytes,
    mustBeTold: divergingEpoch !== undefined || preferredReplica !== undefined,
  };
}

function partitionResponse(
  fetched: FetchedPartition,
  leaders: CurrentLeaders,
  services: BrokerServices,
): PartitionResponse {
  const { want, failure, highWatermark, lastStableOffset, logStartOffset, chunks } = fetched;
  const response: PartitionResponse = {
    partitionIndex: want.index,
    errorCode: failure?.code ?? Errors.NONE,
    highWatermark,
    lastStableOffset,
    logStartOffset,
    abortedTransactions: fetched.abortedTransactions ?? null,
    records: chunks,
    divergingEpoch: fetched.divergingEpoch,
    preferredReadReplica: fetched.preferredReplica ?? NO_PREFERENCE,
  };
  if (failure === undefined || !isLeadershipError(failure.code)) return response;
  const name = topicNameOf(want.topic, want.topicId, services);
  return { ...response, currentLeader: failed(name) ? undefined : leaders.of(name, want.index) };
}
