import type { Fetch, FetchRequest } from '../messages/01_fetch.ts';
import { Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import { asPartitionIndex, asUuid } from '../model/ids.ts';
import type { MessageInput } from '../protocol/schema.ts';
import { type FetchedPartition, FetchOperation, type FetchTarget } from '../replica/fetch_operation.ts';
import { type FetchContext, type FetchPartition, NO_SESSION } from '../replica/fetch_sessions.ts';
import type { BrokerServices } from './broker_services.ts';
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
const READ_COMMITTED = 1;

/**
 * Reads record batches; waits for new ones as long as the client allows. At a controller's listener there is the
 * metadata log alone.
 */
export async function handleFetch(
  request: FetchRequest,
  context: RequestContext,
  services: BrokerServices,
): Promise<Response> {
  const { clock, settings, quorum, quotas } = services;
  if (context.client.listenerKind === 'controller')
    return quorum.handleFetch(request, quorumContext(context));
  const session = openSession(request, context, services);
  if (failed(session)) return { errorCode: session.code, sessionId: NO_SESSION, responses: [] };
  const targets = session.partitions.map(want => target(want, context, services));
  const maxBytes = Math.min(request.maxBytes, settings.fetchMaxBytes, quotas.maxFetchBytes(context));
  const bounds = {
    minBytes: Math.min(request.minBytes, maxBytes),
    maxBytes,
    maxWaitMs: request.maxWaitMs,
    isReadCommitted: request.isolationLevel === READ_COMMITTED,
  };
  const fetched = await new FetchOperation(targets, bounds, clock).run();
  const fetchedBytes = fetched.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const throttleTimeMs = quotas.fetched(fetchedBytes, context);
  if (throttleTimeMs === 0) return respond(session, fetched, context, services);
  // What the client has to wait for is read again when it asks the next time.
  return {
    errorCode: Errors.NONE,
    sessionId: request.sessionEpoch > 0 ? session.sessionId : NO_SESSION,
    throttleTimeMs,
    responses: [],
  };
}

function openSession(
  request: FetchRequest,
  { apiVersion }: RequestContext,
  { fetchSessions, clock }: BrokerServices,
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
      isFollower: false,
    },
    clock.monotonicMs(),
  );
}

function target(want: FetchPartition, { apiVersion }: RequestContext, services: BrokerServices): FetchTarget {
  const name = topicNameOf(want.topic, want.topicId, services);
  if (failed(name)) return { want, partition: name };
  const partition = findPartition(name, want.index, services);
  const isTooOld =
    apiVersion < FIRST_VERSION_WITH_ZSTD && !failed(partition) && partition.config.compressionType === 'zstd';
  if (!isTooOld) return { want, partition };
  const text = `${name} is compressed with zstd, which Fetch ${apiVersion} can't carry: use a newer client`;
  return { want, partition: new Failure(Errors.UNSUPPORTED_COMPRESSION_TYPE, text) };
}

function respond(
  session: FetchContext,
  fetched: readonly FetchedPartition[],
  { client }: RequestContext,
  services: BrokerServices,
): Response {
  const leaders = new CurrentLeaders(services.metadata.image, client.listenerName);
  const topics = new Map<string, TopicResponse & { partitions: PartitionResponse[] }>();
  for (const each of fetched) {
    if (!session.include(each.want, answerOf(each))) continue;
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
    nodeEndpoints: leaders.nodeEndpoints,
  };
}

function answerOf({ failure, highWatermark, logStartOffset, sizeBytes, divergingEpoch }: FetchedPartition) {
  return {
    errorCode: failure?.code ?? Errors.NONE,
    highWatermark,
    logStartOffset,
    recordsBytes: sizeBytes,
    mustBeTold: divergingEpoch !== undefined,
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
  };
  if (failure === undefined || !isLeadershipError(failure.code)) return response;
  const name = topicNameOf(want.topic, want.topicId, services);
  return { ...response, currentLeader: failed(name) ? undefined : leaders.of(name, want.index) };
}
