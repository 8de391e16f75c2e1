import { type ConsumedRecord, Consumer } from '../../client/consumer/consumer.ts';
import { partitionKey, type TopicPartition } from '../../client/topic_partition.ts';
import { asOffset } from '../../model/ids.ts';
import type { ConsoleNode } from '../console_node.ts';
import { findBounds } from '../log_bounds.ts';
import { orRefuse, Refusal } from '../refusal.ts';

const TIMEOUT_MS = 5_000;

/** One record by its offset. @throws {Refusal} 404 when it is not there (any more) */
export async function readRecord(
  node: ConsoleNode,
  target: TopicPartition,
  offset: bigint,
): Promise<ConsumedRecord> {
  const key = partitionKey(target);
  const bounds = (await findBounds(node.client, [target])).get(key);
  if (bounds === undefined) throw new Refusal(502, `The leader of ${key} did not answer: try again`);
  const { earliest, latest } = orRefuse(bounds);
  if (offset < earliest || offset >= latest) {
    const text = `${key} has no offset ${offset}: what is there goes from ${earliest} to before ${latest}`;
    throw new Refusal(404, text, 'OFFSET_OUT_OF_RANGE');
  }
  const consumer = new Consumer(node.client, {
    offsetReset: 'none',
    maxPartitionFetchBytes: 64 * 1024,
    fetchMaxWaitMs: 250,
  });
  try {
    consumer.assign([{ ...target, start: { offset: asOffset(offset) } }]);
    const polled = await consumer.poll({ timeoutMs: TIMEOUT_MS, maxRecords: 1 });
    const [record] = orRefuse(polled);
    if (record === undefined)
      throw new Refusal(504, `The leader of ${key} did not answer in time: try again`);
    if (record.offset === offset) return record;
    throw new Refusal(
      404,
      `${key} has no record at offset ${offset}: it was compacted away, or marks a transaction`,
    );
  } finally {
    consumer.close();
  }
}
