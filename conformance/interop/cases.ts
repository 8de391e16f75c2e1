/* An Odradek broker and one of Apache Kafka in one cluster: each follows the other, and leads when the other is gone. */
import assert from 'node:assert/strict';
import kafkajs, { type Admin, type Kafka as KafkaClient } from 'kafkajs';
import type { Case } from '../support/program.ts';
import { until } from '../support/wait.ts';
import { BROKERS, type Make, MixedCluster } from './mixed_cluster.ts';

const PARTITIONS = 4;
const RECORDS = 400;
const TOPIC = 'mixed';
/** Sessions of 9 s end before the other leads. */
const TAKEOVER_TIMEOUT_MS = 40_000;
const retry = { initialRetryTime: 50, maxRetryTime: 500, retries: 200 };

/** The values that were acknowledged, by partition, in their order. */
type Ledger = string[][];

async function createTopic(admin: Admin): Promise<void> {
  const both = Object.values(BROKERS);
  const replicaAssignment = Array.from({ length: PARTITIONS }, (_, partition) => ({
    partition,
    replicas: partition % 2 === 0 ? both : [...both].reverse(),
  }));
  const configEntries = [{ name: 'min.insync.replicas', value: '1' }];
  await admin.createTopics({ topics: [{ topic: TOPIC, replicaAssignment, configEntries }] });
}

async function partitionsOf(admin: Admin) {
  const { topics } = await admin.fetchTopicMetadata({ topics: [TOPIC] });
  return topics[0]!.partitions;
}

async function waitForLeaders(
  admin: Admin,
  what: string,
  isRight: (leader: number, isr: readonly number[]) => boolean,
): Promise<void> {
  let seen = '';
  const check = async () => {
    const partitions = await partitionsOf(admin).catch(() => []);
    seen = partitions.map(({ leader, isr }) => `${leader} [${isr}]`).join(', ');
    return partitions.length === PARTITIONS && partitions.every(({ leader, isr }) => isRight(leader, isr));
  };
  await until(what, check, { timeoutMs: TAKEOVER_TIMEOUT_MS, detail: () => seen });
}

async function produce(client: KafkaClient, ledger: Ledger, label: string): Promise<void> {
  const producer = client.producer({ idempotent: true, maxInFlightRequests: 1, retry });
  await producer.connect();
  try {
    for (let at = 0; at < RECORDS; at += 20) {
      const partition = (at / 20) % PARTITIONS;
      const values = Array.from({ length: 20 }, (_, index) => `${label} ${at + index}`);
      await producer.send({ topic: TOPIC, acks: -1, messages: values.map(value => ({ partition, value })) });
      ledger[partition]!.push(...values);
    }
  } finally {
    await producer.disconnect();
  }
}

/** What a group reads from the beginning, by partition. */
async function consume(client: KafkaClient, groupId: string, count: number): Promise<Ledger> {
  const read: Ledger = Array.from({ length: PARTITIONS }, () => []);
  const consumer = client.consumer({ groupId, retry: { ...retry, restartOnFailure: async () => true } });
  await consumer.connect();
  await consumer.subscribe({ topic: TOPIC, fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ partition, message }) => {
      read[partition]!.push(String(message.value));
    },
  });
  const total = () => read.reduce((sum, values) => sum + values.length, 0);
  try {
    await until(`${count} records`, () => total() >= count, { detail: () => `${total()} came` });
  } finally {
    await consumer.disconnect();
  }
  return read;
}

/** Each broker leads and follows the other; each is killed, and led by the other meanwhile. */
async function takeTurns(cluster: MixedCluster): Promise<void> {
  const client = new kafkajs.Kafka({
    brokers: cluster.bootstrap.split(','),
    retry,
    connectionTimeout: 2000,
    logLevel: kafkajs.logLevel.NOTHING,
  });
  const admin = client.admin({ retry });
  await admin.connect();
  const ledger: Ledger = Array.from({ length: PARTITIONS }, () => []);
  let count = 0;
  const write = async (label: string) => {
    await produce(client, ledger, label);
    count += RECORDS;
    assert.deepEqual(await consume(client, `after ${label}`, count), ledger, `what was read after: ${label}`);
  };
  try {
    await createTopic(admin);
    const all = Object.values(BROKERS);
    await waitForLeaders(
      admin,
      'both lead, and follow each other',
      (leader, isr) => leader >= 0 && isr.length === all.length,
    );
    await write('both');
    for (const make of ['kafka', 'odradek'] as const) {
      await cluster.kill(make);
      await waitForLeaders(
        admin,
        `the other leads without ${make}`,
        leader => leader >= 0 && leader !== BROKERS[make],
      );
      await write(`without ${make}`);
      await cluster.restart(make);
      await waitForLeaders(admin, `${make} is in sync again`, (_, isr) => isr.length === all.length);
    }
    await write('both again');
  } finally {
    await admin.disconnect();
  }
}

const inClusterOf =
  (controllers: Make): Case =>
  async () => {
    const cluster = await MixedCluster.start(controllers, process.env['CONFORMANCE_CLASS_PATH']!);
    let isDone = false;
    try {
      await takeTurns(cluster);
      isDone = true;
    } finally {
      await cluster.stop({ keep: !isDone });
    }
  };

export const cases: Readonly<Record<string, Case>> = {
  'kafka-controllers': inClusterOf('kafka'),
  'odradek-controllers': inClusterOf('odradek'),
};
