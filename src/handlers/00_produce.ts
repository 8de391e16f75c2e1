import type { Produce, ProduceRequest } from '../messages/00_produce.ts';
import { type ErrorCode, Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import { asPartitionIndex, asUuid, type Offset, offsetAfter } from '../model/ids.ts';
import { isInternalTopic } from '../model/topic_name.ts';
import type { MessageInput } from '../protocol/schema.ts';
import { checkProducedRecords } from '../records/check_produced.ts';
import { RecordsRefused } from '../records/validate_records.ts';
import type { Partition } from '../replica/partition.ts';
import { NoResponse } from './api_handler.ts';
import type { BrokerServices } from './broker_services.ts';
import { countProduced } from './count_produced.ts';
import { CurrentLeaders, isLeadershipError } from './current_leader.ts';
import { findPartition, topicNameOf } from './find_partition.ts';
import type { RequestContext } from './request_context.ts';

type Response = MessageInput<(typeof Produce)['response']>;
type PartitionResponse = Response['responses'][number]['partitionResponses'][number];
type TopicData = ProduceRequest['topicData'][number];

/** The first version that tells who leads instead (KIP-951). */
const FIRST_VERSION_WITH_LEADER = 10;
const ALL = -1;
const NONE = 0;
const LEADER = 1;
/** Kafka's admin client may write into internal topics; nobody else outside of the brokers. */
const ADMIN_CLIENT_ID = '__admin_client';

/** What became of the records for one partition. */
interface Produced {
  readonly topic: TopicData;
  readonly index: number;
  /** Set when the records were appended, or had been before. */
  readonly partition: Partition | undefined;
  readonly baseOffset: bigint;
  /** Behind the last record. */
  readonly endOffset: Offset | undefined;
  readonly logAppendTimeMs: bigint;
  readonly logStartOffset: bigint;
  failure: Failure | undefined;
}

/** Appends record batches, and answers when they have the acknowledgements that the producer wants. */
export function handleProduce(
  request: ProduceRequest,
  context: RequestContext,
  services: BrokerServices,
): Response | NoResponse | Promise<Response> {
  const { acks, timeoutMs } = request;
  const results: Produced[] = [];
  for (const topic of request.topicData) {
    const name = topicNameOf(topic.name, topic.topicId, services);
    for (const { index, records } of topic.partitionData) {
      const outcome = failed(name) ? name : appendTo(name, index, records, { acks, context, services });
      countProduced(outcome, records?.[0]?.length ?? 0, services.replicas.topicStatistics);
      results.push({ ...NOTHING, topic, index, ...settle(outcome) });
    }
  }
  const throttleTimeMs = services.quotas.produced(recordBytes(request), context);
  if (acks === NONE) return withoutResponse(results, throttleTimeMs);
  const respond = () => ({ ...response(request, results, context, services), throttleTimeMs });
  const waiting = acks === ALL ? results.filter(each => each.failure === undefined) : [];
  if (waiting.length === 0) return respond();
  return whenAllCommitted(waiting, timeoutMs, services).then(respond);
}

const NOTHING = {
  partition: undefined,
  baseOffset: -1n,
  endOffset: undefined,
  logAppendTimeMs: -1n,
  logStartOffset: -1n,
};

type Outcome = Omit<Produced, 'topic' | 'index'>;

function settle(outcome: Outcome | Failure): Partial<Outcome> & Pick<Outcome, 'failure'> {
  return failed(outcome) ? { failure: outcome } : outcome;
}

interface AppendContext {
  readonly acks: number;
  readonly context: RequestContext;
  readonly services: BrokerServices;
}

function appendTo(
  topic: string,
  index: number,
  records: readonly Buffer[] | null,
  { acks, context, services }: AppendContext,
): Outcome | Failure {
  if (acks !== ALL && acks !== NONE && acks !== LEADER) {
    return new Failure(Errors.INVALID_REQUIRED_ACKS, `acks ${acks} is not -1 (all), 0 or 1`);
  }
  const partition = findPartition(topic, index, services);
  if (failed(partition)) return partition;
  const batch = checkProducedRecords(records?.[0] ?? EMPTY, context.apiVersion);
  if (failed(batch)) return batch;
  if (isInternalTopic(topic) && context.clientId !== ADMIN_CLIENT_ID) {
    return new Failure(
      Errors.INVALID_TOPIC_EXCEPTION,
      `${topic} is internal: only the brokers write into it`,
    );
  }
  const appended = partition.append(batch, { requiredAcks: acks, origin: 'client' });
  if (failed(appended)) return refused(appended, partition);
  return {
    partition,
    baseOffset: appended.firstOffset,
    endOffset: offsetAfter(appended.lastOffset, 1),
    logAppendTimeMs: appended.timestamp,
    logStartOffset: appended.logStartOffset,
    failure: undefined,
  };
}

/** With these a producer learns nothing of the log. */
const SAY_NOTHING_OF_THE_LOG: ReadonlySet<ErrorCode> = new Set([
  Errors.NOT_LEADER_OR_FOLLOWER,
  Errors.MESSAGE_TOO_LARGE,
  Errors.RECORD_LIST_TOO_LARGE,
  Errors.CORRUPT_MESSAGE,
  Errors.KAFKA_STORAGE_ERROR,
]);

/** Where the log starts is told with most refusals: a producer whose records are gone can tell by it (KIP-360). */
function refused(failure: Failure, { log }: Partition): Outcome {
  const logStartOffset = SAY_NOTHING_OF_THE_LOG.has(failure.code) ? undefined : log?.logStartOffset;
  return { ...NOTHING, logStartOffset: logStartOffset ?? NOTHING.logStartOffset, failure };
}

const EMPTY = Buffer.alloc(0);

function recordBytes({ topicData }: ProduceRequest): number {
  let bytes = 0;
  for (const { partitionData } of topicData)
    for (const { records } of partitionData) bytes += records?.[0]?.length ?? 0;
  return bytes;
}

/** Waits until all are committed, or the time is over; what was not committed then has its failure. */
function whenAllCommitted(
  waiting: readonly Produced[],
  timeoutMs: number,
  { clock }: BrokerServices,
): Promise<void> {
  return new Promise(resolve => {
    let left = waiting.length;
    let isOver = false;
    const late = new Set(waiting);
    const timer = clock.startTimer(Math.max(0, timeoutMs), () => {
      isOver = true;
      for (const each of late) each.failure = notEnoughReplicas(each.partition!) ?? timedOut(each, timeoutMs);
      resolve();
    });
    for (const each of waiting) {
      each.partition!.whenCommitted(each.endOffset!, failure => {
        if (isOver) return;
        late.delete(each);
        each.failure = failure ?? notEnoughReplicas(each.partition!);
        left--;
        if (left > 0) return;
        timer.cancel();
        resolve();
      });
    }
  });
}

function timedOut({ partition }: Produced, timeoutMs: number): Failure {
  return new Failure(
    Errors.REQUEST_TIMED_OUT,
    `The in-sync replicas of ${partition!.name} did not have the records within ${timeoutMs} ms`,
  );
}

function notEnoughReplicas(partition: Partition): Failure | undefined {
  const missing = partition.underMinIsr();
  if (missing === undefined) return undefined;
  return new Failure(
    Errors.NOT_ENOUGH_REPLICAS_AFTER_APPEND,
    `${missing}: the records were written, but may be lost`,
  );
}

function withoutResponse(results: readonly Produced[], throttleTimeMs: number): NoResponse {
  const problem = results.find(each => each.failure !== undefined);
  if (problem === undefined) return new NoResponse({ throttleTimeMs });
  return new NoResponse({ closeReason: `a Produce with acks 0 failed: ${problem.failure}` });
}

function response(
  request: ProduceRequest,
  results: readonly Produced[],
  { client, apiVersion }: RequestContext,
  services: BrokerServices,
): Response {
  const isTold = apiVersion >= FIRST_VERSION_WITH_LEADER;
  const { metadata } = services;
  const leaders = new CurrentLeaders(services, client.listenerName, { isTold });
  let at = 0;
  const responses = request.topicData.map(({ name, topicId, partitionData }) => ({
    name,
    topicId,
    partitionResponses: partitionData.map(() => partitionResponse(results[at++]!, leaders, metadata.image)),
  }));
  return { responses, nodeEndpoints: leaders.nodeEndpoints };
}

function partitionResponse(
  produced: Produced,
  leaders: CurrentLeaders,
  image: BrokerServices['metadata']['image'],
): PartitionResponse {
  const { failure, index, logAppendTimeMs, logStartOffset, topic } = produced;
  if (failure === undefined) {
    return {
      index,
      errorCode: Errors.NONE,
      baseOffset: produced.baseOffset,
      logAppendTimeMs,
      logStartOffset,
    };
  }
  const errorCode: ErrorCode = failure.code;
  const name = topic.name === '' ? image.topics.byId(asUuid(topic.topicId))?.name : topic.name;
  const currentLeader =
    isLeadershipError(errorCode) && name !== undefined
      ? leaders.of(name, asPartitionIndex(index))
      : undefined;
  return {
    index,
    errorCode,
    // What was appended, but not acknowledged in time, has its offset all the same.
    baseOffset: produced.baseOffset,
    logAppendTimeMs,
    logStartOffset,
    recordErrors: failure instanceof RecordsRefused ? recordErrors(failure) : [],
    errorMessage: failure.message,
    currentLeader,
  };
}

function recordErrors({ recordErrors }: RecordsRefused): PartitionResponse['recordErrors'] {
  return recordErrors.map(({ batchIndex, message }) => ({ batchIndex, batchIndexErrorMessage: message }));
}
