import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { Broker } from '../../src/broker/broker.ts';
import { ClusterClient } from '../../src/client/cluster_client.ts';
import { Consumer } from '../../src/client/consumer/consumer.ts';
import { Producer } from '../../src/client/producer/producer.ts';
import { NodeClock } from '../../src/io/node_clock.ts';
import { NodeDisk } from '../../src/io/node_disk.ts';
import { NodeNetwork } from '../../src/io/node_network.ts';
import { NodeRandom } from '../../src/io/node_random.ts';
import { failed } from '../../src/model/failure.ts';
import { asPartitionIndex } from '../../src/model/ids.ts';
import { CompressionType } from '../../src/records/record_batch.ts';
import { type Configuration, loadConfiguration } from '../../src/settings/configuration.ts';
import { SimulatedClock } from '../../src/simulation/simulated_clock.ts';
import { SimulatedLogger } from '../../src/simulation/simulated_logger.ts';
import { SimulatedTime } from '../../src/simulation/simulated_time.ts';

const logger = new SimulatedLogger(new SimulatedClock(new SimulatedTime()));
const ports = {
  clock: new NodeClock(),
  random: new NodeRandom(),
  network: new NodeNetwork(logger),
  disk: new NodeDisk(),
  logger,
};

async function startBroker(directory: string): Promise<Broker> {
  const configuration = loadConfiguration({
    overrides: [
      'listeners=PLAINTEXT://127.0.0.1:0,CONTROLLER://127.0.0.1:0',
      'controller.listener.names=CONTROLLER',
      'process.roles=broker,controller',
      'node.id=1',
      'controller.quorum.voters=1@127.0.0.1:0',
      `log.dirs=${directory}`,
    ],
    hostname: '127.0.0.1',
  });
  assert.ok(!Array.isArray(configuration), String(configuration));
  const broker = await Broker.start({
    configuration: configuration as Configuration,
    ports,
    fatal: failure => assert.fail(failure.toString()),
  });
  if (failed(broker)) assert.fail(broker.toString());
  return broker;
}

test('records go over real sockets to a real disk and back', async () => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'odradek-client-'));
  const broker = await startBroker(directory);
  const { port } = broker.listeners.find(({ name }) => name === 'PLAINTEXT')!;
  const client = new ClusterClient({
    ports,
    bootstrapServers: [{ host: '127.0.0.1', port }],
    clientId: 'test',
    allowAutoTopicCreation: true,
  });
  try {
    const producer = new Producer(client, { compression: CompressionType.lz4, lingerMs: 0 });
    const value = Buffer.alloc(100_000, 'odradek');
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, () => producer.send({ topic: 'events', key: Buffer.from('key'), value })),
    );
    for (const outcome of outcomes) assert.ok(!failed(outcome), String(outcome));
    const consumer = new Consumer(client, { offsetReset: 'earliest' });
    const partition = asPartitionIndex((outcomes[0] as { partition: number }).partition);
    consumer.assign([{ topic: 'events', partition }]);
    let count = 0;
    while (count < 50) {
      const records = await consumer.poll({ timeoutMs: 10_000 });
      if (failed(records)) assert.fail(records.toString());
      assert.notEqual(records.length, 0);
      for (const record of records) assert.ok(record.value!.equals(value));
      count += records.length;
    }
    assert.equal(count, 50);
    await producer.close();
  } finally {
    client.close();
    await broker.stop();
    fs.rmSync(directory, { recursive: true });
  }
});
