import type { DescribeProducers, DescribeProducersRequest } from '../messages/61_describe_producers.ts';
import { type ErrorCode, Errors } from '../model/error_codes.ts';
import { failed } from '../model/failure.ts';
import { topicNameProblem } from '../model/topic_name.ts';
import type { MessageInput } from '../protocol/schema.ts';
import type { BrokerServices } from './broker_services.ts';
import { findPartition } from './find_partition.ts';
import type { RequestContext } from './request_context.ts';

type Response = MessageInput<(typeof DescribeProducers)['response']>;
type PartitionResponse = Response['topics'][number]['partitions'][number];

/** Lists the producers that partitions remember, for who looks for duplicates or hanging transactions (KIP-664). */
export function handleDescribeProducers(
  request: DescribeProducersRequest,
  _context: RequestContext,
  services: BrokerServices,
): Response {
  const topics = request.topics.map(({ name, partitionIndexes }) => ({
    name,
    partitions: partitionIndexes.map(index => describe(name, index, services)),
  }));
  return { throttleTimeMs: 0, topics };
}

function describe(topic: string, partitionIndex: number, services: BrokerServices): PartitionResponse {
  const fail = (errorCode: ErrorCode, errorMessage: string): PartitionResponse => ({
    partitionIndex,
    errorCode,
    errorMessage,
    activeProducers: [],
  });
  const problem = topicNameProblem(topic);
  if (problem !== undefined) return fail(Errors.INVALID_TOPIC_EXCEPTION, problem);
  const partition = findPartition(topic, partitionIndex, services);
  const log = failed(partition) ? partition : partition.leaderLog();
  if (failed(log)) return fail(log.code, log.message);
  const activeProducers = Array.from(log.producers, producer => ({
    producerId: producer.producerId,
    producerEpoch: producer.epoch,
    lastSequence: producer.batches.at(-1)?.lastSequence ?? -1,
    lastTimestamp: producer.lastTimestamp,
    coordinatorEpoch: producer.coordinatorEpoch,
    currentTxnStartOffset: producer.transactionFirstOffset ?? -1n,
  }));
  return { partitionIndex, errorCode: Errors.NONE, activeProducers };
}
