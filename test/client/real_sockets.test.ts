import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClusterClient } from '../../src/client/cluster_client.ts';
import { Consumer } from '../../src/client/consumer/consumer.ts';
import { Producer } from '../../src/client/producer/producer.ts';
import { failed } from '../../src/model/failure.ts';
import { asPartitionIndex } from '../../src/model/ids.ts';
import { CompressionType } from '../../src/records/record_batch.ts';
import { RealBroker, realPorts } from '../support/real_broker.ts';

test('records go over real sockets to a real disk and back', async () => {
  const broker = await RealBroker.start();
  const client = new ClusterClient({
    ports: realPorts,
    bootstrapServers: [{ host: '127.0.0.1', port: broker.port }],
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
  }
});
