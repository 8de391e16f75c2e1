import assert from 'node:assert/strict';
import kafkajs, { type Admin, type Consumer, type Kafka as KafkaClient, type Producer } from 'kafkajs';
import type { Scenario } from '../support/program.ts';
import type { ReadRow, Row } from '../support/rows.ts';
import { until } from '../support/wait.ts';

const { Kafka, logLevel } = kafkajs;

/** Retries go on for as long as a killed node takes to come back. */
const retry = { initialRetryTime: 50, maxRetryTime: 500, retries: 200 };

export function connectTo({ bootstrap }: Scenario): KafkaClient {
  return new Kafka({
    brokers: bootstrap.split(','),
    clientId: 'conformance',
    retry,
    connectionTimeout: 2_000,
    logLevel: logLevel.WARN,
    logCreator: () => entry => console.error(JSON.stringify(entry)),
  });
}

export async function withAdmin<T>(scenario: Scenario, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = connectTo(scenario).admin({ retry: { ...retry, retries: 5 } });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

export async function withProducer<T>(
  scenario: Scenario,
  { idempotent }: { idempotent: boolean },
  work: (producer: Producer) => Promise<T>,
): Promise<T> {
  const producer = connectTo(scenario).producer({
    idempotent,
    maxInFlightRequests: 1,
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    retry,
  });
  await producer.connect();
  try {
    return await work(producer);
  } finally {
    await producer.disconnect();
  }
}

/** Topics of the suite keep records whatever their timestamps say. */
export async function createTopic(scenario: Scenario, topic: string, partitions: number): Promise<void> {
  const configEntries = [{ name: 'retention.ms', value: '-1' }];
  await withAdmin(scenario, async admin => {
    await admin.createTopics({
      waitForLeaders: true,
      topics: [{ topic, numPartitions: partitions, replicationFactor: -1, configEntries }],
    });
    await leadersAnswer(admin, topic, partitions);
  });
}

/**
 * Metadata may name a leader a moment before it takes records. kafkajs sends all of a request again when one of its
 * partitions fails, so without this wait records would come twice.
 */
export async function leadersAnswer(admin: Admin, topic: string, partitions: number): Promise<void> {
  let last = 'no answer';
  const answer = async () => {
    const ends = await admin.fetchTopicOffsets(topic);
    return ends.length === partitions;
  };
  const failed = (error: unknown) => {
    last = codeOf(error);
    return false;
  };
  const what = `all ${partitions} partitions of ${topic} answer`;
  await until(what, () => answer().catch(failed), { detail: () => last });
}

export function toMessage(row: Row) {
  const headers: Record<string, Buffer[]> = {};
  for (const [name, value] of row.headers) headers[name] = [...(headers[name] ?? []), value];
  const { partition, key, value, timestampMs } = row;
  return { partition, key, value, headers, timestamp: String(timestampMs) };
}

export function toRow(partition: number, message: kafkajs.KafkaMessage): ReadRow {
  const headers = Object.entries(message.headers ?? {}).flatMap(([name, values]) =>
    (Array.isArray(values) ? values : [values]).map(value => [name, Buffer.from(value ?? '')] as const),
  );
  const { key, value, offset, timestamp } = message;
  return { partition, key, value, headers, offset: BigInt(offset), timestampMs: Number(timestamp) };
}

/** Reads the topic from its beginning until `count` records came, and no more follow of those that exist. */
export async function readAll(scenario: Scenario, topic: string, count: number): Promise<ReadRow[]> {
  const rows: ReadRow[] = [];
  const consumer = makeConsumer(scenario, `${topic}-reader`);
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      rows.push(...batch.messages.map(message => toRow(batch.partition, message)));
    },
  });
  try {
    await until(`${count} records of ${topic}`, () => rows.length >= count, {
      detail: () => `${rows.length} came`,
    });
    return rows;
  } finally {
    await consumer.disconnect();
  }
}

export function makeConsumer(scenario: Scenario, groupId: string): Consumer {
  return connectTo(scenario).consumer({
    groupId,
    maxWaitTimeInMs: 100,
    heartbeatInterval: 200,
    sessionTimeout: 10_000,
    rebalanceTimeout: 10_000,
    retry: { ...retry, restartOnFailure: async () => true },
  });
}

/** The code of the node's error, wherever kafkajs put it. */
function codeOf(error: unknown): string {
  const { type, cause, errors, groups } = error as Record<string, unknown>;
  if (typeof type === 'string') return type;
  if (Array.isArray(errors)) return codeOf(errors[0]);
  if (Array.isArray(groups)) return codeOf((groups[0] as { error: unknown }).error);
  return cause === undefined ? String(error) : codeOf(cause);
}

/** The node refuses the work with this code. */
export async function refused(code: string, what: string, work: Promise<unknown>): Promise<void> {
  const outcome = await work.then(
    () => 'accepted',
    error => codeOf(error),
  );
  assert.equal(outcome, code, what);
}
