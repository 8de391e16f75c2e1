import assert from 'node:assert/strict';
import {
  Admin,
  Consumer,
  type Message,
  type ProduceOptions,
  type ProduceResult,
  Producer,
  type SendOptions,
} from '@platformatic/kafka';
import type { Scenario } from '../support/program.ts';
import type { ReadRow, Row } from '../support/rows.ts';
import { until } from '../support/wait.ts';

/** Keys, values and headers as the bytes that they are. */
type Bytes = Buffer;
export type BytesMessage = Message<Bytes, Bytes, Bytes, Bytes>;
type BytesProducer = Producer<Bytes, Bytes, Bytes, Bytes>;
export type BytesConsumer = Consumer<Bytes, Bytes, Bytes, Bytes>;

const base = ({ bootstrap }: Scenario, retries: number) => ({
  clientId: 'conformance',
  bootstrapBrokers: bootstrap.split(','),
  retries,
  retryDelay: 100,
});

const FEW_RETRIES = 5;
/** Retries that go on for as long as a killed node takes to come back. */
const MANY_RETRIES = 600;

export async function withAdmin<T>(scenario: Scenario, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = new Admin(base(scenario, FEW_RETRIES));
  try {
    return await work(admin);
  } finally {
    await admin.close();
  }
}

/** A producer that sends with the options that it was made with: the library's own takes acks from each send alone. */
export interface BytesSender {
  send(batch: Pick<SendOptions<Bytes, Bytes, Bytes, Bytes>, 'messages'>): Promise<ProduceResult>;
}

export async function withProducer<T>(
  scenario: Scenario,
  { retries = MANY_RETRIES, ...options }: ProduceOptions<Bytes, Bytes, Bytes, Bytes> & { retries?: number },
  work: (producer: BytesSender) => Promise<T>,
): Promise<T> {
  const producer: BytesProducer = new Producer({ ...base(scenario, retries), ...options });
  try {
    return await work({ send: batch => producer.send({ ...options, ...batch }) });
  } finally {
    await producer.close();
  }
}

export function makeConsumer(
  scenario: Scenario,
  groupId: string,
  {
    groupInstanceId,
    retries = MANY_RETRIES,
  }: { groupInstanceId?: string | undefined; retries?: number } = {},
): BytesConsumer {
  const consumer: BytesConsumer = new Consumer({
    ...base(scenario, retries),
    groupId,
    ...(groupInstanceId !== undefined && { groupInstanceId }),
    autocommit: false,
    maxWaitTime: 100,
    sessionTimeout: 10_000,
    rebalanceTimeout: 10_000,
    heartbeatInterval: 200,
  });
  consumer.on('error', error => console.error(error));
  return consumer;
}

export async function withConsumer<T>(
  scenario: Scenario,
  work: (consumer: BytesConsumer) => Promise<T>,
): Promise<T> {
  const consumer = makeConsumer(scenario, scenario.name('reader'), { retries: FEW_RETRIES });
  try {
    return await work(consumer);
  } finally {
    await consumer.close(true);
  }
}

/** Topics of the suite keep records whatever their timestamps say. */
export async function createTopic(scenario: Scenario, topic: string, partitions: number): Promise<void> {
  await withAdmin(scenario, async admin => {
    const configs = [{ name: 'retention.ms', value: '-1' }];
    await admin.createTopics({ topics: [topic], partitions, replicas: -1, configs });
  });
  await leadersAnswer(scenario, topic, partitions);
}

/** Metadata may name a leader a moment before it takes records. */
export async function leadersAnswer(scenario: Scenario, topic: string, partitions: number): Promise<void> {
  let last = 'no answer';
  const answer = async () => (await endOffsets(scenario, topic)).size === partitions;
  const failed = (error: unknown) => {
    last = codeOf(error);
    return false;
  };
  const what = `all ${partitions} partitions of ${topic} answer`;
  await until(what, () => answer().catch(failed), { detail: () => last });
}

export const endOffsets = (scenario: Scenario, topic: string): Promise<Map<number, number>> =>
  withConsumer(scenario, async consumer => {
    const offsets = await consumer.listOffsets({ topics: [topic] });
    return new Map(offsets.get(topic)!.map((offset, partition) => [partition, Number(offset)]));
  });

/** The types don't know null; an absent value is what becomes a tombstone. */
export function toMessage(topic: string, row: Row) {
  const { partition, key, value, headers, timestampMs } = row;
  return {
    topic,
    partition,
    ...(key !== null && { key }),
    ...(value !== null && { value }),
    // A map by buffers: two headers of one name are two keys.
    headers: new Map(headers.map(([name, content]) => [Buffer.from(name), content])),
    timestamp: BigInt(timestampMs),
  };
}

export function toRow({ partition, key, value, headers, offset, timestamp }: BytesMessage): ReadRow {
  return {
    partition,
    key: key ?? null,
    value: value ?? null,
    headers: [...headers].map(([name, content]) => [name.toString(), content] as const),
    offset,
    timestampMs: Number(timestamp),
  };
}

/** Reads the topic from its beginning until `count` records came. */
export const readAll = (scenario: Scenario, topic: string, count: number): Promise<ReadRow[]> =>
  withConsumer(scenario, async consumer => {
    const rows: ReadRow[] = [];
    const stream = await consumer.consume({ topics: [topic], mode: 'earliest' });
    stream.on('data', message => rows.push(toRow(message)));
    await until(`${count} records of ${topic}`, () => rows.length >= count, {
      detail: () => `${rows.length} came`,
    });
    return rows;
  });

/** The name of the node's error, wherever the client put it. */
export function codeOf(error: unknown): string {
  const { apiId, errors, cause } = error as { apiId?: string; errors?: unknown[]; cause?: unknown };
  if (apiId !== undefined) return apiId;
  const inner = [...(errors ?? []), ...(cause === undefined ? [] : [cause])].map(codeOf);
  return inner.find(code => /^[A-Z_]+$/.test(code)) ?? String(error);
}

/** The node refuses the work with this code. */
export async function refused(code: string, what: string, work: Promise<unknown>): Promise<void> {
  const outcome = await work.then(
    () => 'accepted',
    error => codeOf(error),
  );
  assert.equal(outcome, code, what);
}
