import { setTimeout as sleep } from 'node:timers/promises';
import { Produce } from '../../src/messages/00_produce.ts';
import { Fetch } from '../../src/messages/01_fetch.ts';
import { buildBatch } from '../../src/records/build_batch.ts';
import type { BenchCluster } from './bench_cluster.ts';
import type { LoadTarget } from './load.ts';
import { createClient, createTopic, deleteTopic, leadersOf } from './own_client.ts';
import { expectNoError, okay } from './own_load.ts';
import type { Note, Phase } from './phases.ts';

/*
 * Work that is wide rather than large: many partitions with few records, many clients that wait. Prepared requests
 * over this project's own codec, whoever else makes the load.
 */

const TIMEOUT_MS = 60_000;
const SMALL_SECONDS = 5;
const IDLE_SECONDS = 10;
const RECORD_BYTES = 200;
const LONG_POLL_MS = 500;

const SMALL = { partitions: 100, producers: 100 };
const IDLE = { consumers: 500, partitions: 10 };
const MANY_PARTITIONS = 2_000;

export function makeWidePhases(): Phase[] {
  return [smallBatches, idleConsumers, manyPartitions];
}

const smallBatches: Phase = {
  name: 'small batches',
  async run({ bootstrap, topic }, cluster, note) {
    const name = `${topic}-small`;
    const { replicationFactor } = cluster;
    await createTopic(bootstrap, name, { partitions: SMALL.partitions, replicationFactor });
    const target = { bootstrap, topic: name };
    // What runs first is compiled.
    await produceSmall(target, 1);
    const before = cluster.cost();
    const records = await produceSmall(target, SMALL_SECONDS);
    const used = cluster.cost().cpuSeconds - before.cpuSeconds;
    const what = `batches of one record, ${SMALL.producers} producers, ${SMALL.partitions} partitions, acks=all`;
    note({ what: `${what}: brokers' CPU`, unit: 'µs' }, (used / records) * 1e6);
    note({ what: `${what}: rate`, unit: '1/s' }, records / SMALL_SECONDS);
    await deleteTopic(bootstrap[0]!, name);
  },
};

/** Producers that send a record to any partition, and the next when it is acknowledged; returns how many. */
async function produceSmall({ bootstrap, topic }: LoadTarget, seconds: number): Promise<number> {
  const clients = Array.from({ length: SMALL.producers }, () => createClient());
  const { topicId, leaders } = await leadersOf(clients[0]!, bootstrap[0]!, topic);
  const value = Buffer.alloc(RECORD_BYTES, 'x');
  const { buffer } = buildBatch([{ timestamp: BigInt(Date.now()), key: null, value }]);
  const endMs = performance.now() + 1e3 * seconds;
  let records = 0;
  const work = clients.map(async client => {
    while (performance.now() < endMs) {
      const { partition, endpoint } = leaders[Math.floor(Math.random() * leaders.length)]!;
      const partitionData = [{ index: partition, records: [buffer] }];
      const request = {
        acks: -1,
        timeoutMs: TIMEOUT_MS,
        topicData: [{ name: topic, topicId, partitionData }],
      };
      const response = okay(await client.send(endpoint, Produce, request, { timeoutMs: TIMEOUT_MS }));
      expectNoError(response.responses[0]!.partitionResponses[0]!.errorCode);
      records++;
    }
  });
  await Promise.all(work);
  for (const client of clients) client.close();
  return records;
}

const idleConsumers: Phase = {
  name: 'idle consumers',
  async run({ bootstrap, topic }, cluster, note) {
    const name = `${topic}-idle`;
    const { replicationFactor } = cluster;
    await createTopic(bootstrap, name, { partitions: IDLE.partitions, replicationFactor });
    const waiting = await waitForRecords({ bootstrap, topic: name });
    await sleep(2e3);
    const before = cluster.cost();
    await sleep(IDLE_SECONDS * 1e3);
    const after = cluster.cost();
    const used = (after.cpuSeconds - before.cpuSeconds) / IDLE_SECONDS;
    const what = `${IDLE.consumers} consumers of ${IDLE.partitions} partitions that wait`;
    note({ what: `${what}: brokers' CPU`, unit: '% of a core' }, 100 * used);
    await waiting.stop();
    await deleteTopic(bootstrap[0]!, name);
  },
};

/** Consumers, each with its own connection and fetch session, of a topic in which nothing happens. */
async function waitForRecords({ bootstrap, topic }: LoadTarget): Promise<{ stop(): Promise<void> }> {
  let isOver = false;
  const clients = Array.from({ length: IDLE.consumers }, () => createClient());
  const { topicId, leaders } = await leadersOf(clients[0]!, bootstrap[0]!, topic);
  const { endpoint } = leaders[0]!;
  const led = leaders.filter(leader => leader.endpoint === endpoint);
  const partitions = led.map(({ partition }) => ({ partition, fetchOffset: 0n, partitionMaxBytes: 2 ** 20 }));
  const work = clients.map(async client => {
    let session = { sessionId: 0, sessionEpoch: 0 };
    while (!isOver) {
      const request = {
        ...session,
        maxWaitMs: LONG_POLL_MS,
        minBytes: 1,
        topics: session.sessionEpoch === 0 ? [{ topic, topicId, partitions }] : [],
        forgottenTopicsData: [],
      };
      const response = okay(await client.send(endpoint, Fetch, request, { timeoutMs: TIMEOUT_MS }));
      expectNoError(response.errorCode);
      const { sessionId } = response;
      session = { sessionId, sessionEpoch: sessionId === 0 ? 0 : session.sessionEpoch + 1 };
    }
    client.close();
  });
  return {
    async stop() {
      isOver = true;
      await Promise.all(work);
    },
  };
}

/** Kills a broker; the seconds until clients are told of other leaders for all of the topic's partitions. */
async function loseBroker(cluster: BenchCluster, topic: string): Promise<number> {
  const [asked, victim] = cluster.bootstrap;
  const client = createClient();
  try {
    // The connection is there when it matters.
    await leadersOf(client, asked!, topic);
    const startedMs = performance.now();
    cluster.signal(victim!, 'SIGKILL');
    for (;;) {
      const { leaders } = await leadersOf(client, asked!, topic);
      const isDone =
        leaders.length === MANY_PARTITIONS && leaders.every(({ endpoint }) => endpoint.port !== victim!.port);
      if (isDone) return (performance.now() - startedMs) / 1e3;
      await sleep(10);
    }
  } finally {
    client.close();
  }
}

const manyPartitions: Phase = {
  name: 'many partitions',
  async run({ bootstrap, topic }, cluster: BenchCluster, note: Note) {
    const what = `${MANY_PARTITIONS} partitions`;
    const { replicationFactor, nodeCount } = cluster;
    const name = `${topic}-many`;
    const { cpuSeconds } = cluster.cost();
    const startedMs = performance.now();
    await createTopic(bootstrap, name, { partitions: MANY_PARTITIONS, replicationFactor });
    note({ what: `${what}: made in`, unit: 's' }, (performance.now() - startedMs) / 1e3);
    note({ what: `${what}: brokers' CPU for that`, unit: 's' }, cluster.cost().cpuSeconds - cpuSeconds);
    if (nodeCount >= 3) {
      const seconds = await loseBroker(cluster, name);
      note({ what: `${what}: a broker is killed, others lead all that it led after`, unit: 's' }, seconds);
    }
    const readySeconds = await cluster.restart();
    note({ what: `${what}: ready after the command`, unit: 's' }, readySeconds);
    await sleep(3e3);
    note({ what: `${what}: memory when idle, a node`, unit: 'MB' }, cluster.cost().residentMb / nodeCount);
  },
};
