import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DescribeCluster } from '../../src/messages/60_describe_cluster.ts';
import { Errors } from '../../src/model/error_codes.ts';
import { failed } from '../../src/model/failure.ts';
import { asNodeId } from '../../src/model/ids.ts';
import { SingleNode } from '../support/single_node.ts';

const REQUEST = { includeClusterAuthorizedOperations: false, includeFencedBrokers: false };

test('connecting asks each bootstrap server once, and says why none answered', async () => {
  const node = await SingleNode.start();
  const bootstrapServers = [
    { host: 'node', port: 1 },
    { host: 'node', port: 9092 },
  ];
  const client = node.openClient({ bootstrapServers });
  assert.equal(await node.time.run(client.connect(5_000)), undefined);
  assert.deepEqual([...client.metadata.brokers.keys()], [1]);
  const lost = node.openClient({ bootstrapServers: bootstrapServers.slice(0, 1) });
  const startedMs = node.time.nowMs;
  const failure = await node.time.run(lost.connect(5_000));
  assert.match(failure!.message, /Cannot connect to node:1: .*ECONNREFUSED/);
  assert.ok(node.time.nowMs - startedMs < 1_000, 'a refusal is told at once');
});

test('a request waits for a node that comes back, as long as it may', async () => {
  const node = await SingleNode.start();
  const client = node.openClient();
  assert.equal(await node.time.run(client.connect(5_000)), undefined);
  node.kill();
  const early = await node.time.run(client.request('any', DescribeCluster, REQUEST, { timeoutMs: 2_000 }));
  assert.ok(failed(early));
  assert.equal(early.code, Errors.NETWORK_EXCEPTION);
  const waiting = client.request('controller', DescribeCluster, REQUEST, { timeoutMs: 60_000 });
  await node.time.advance(3_000);
  await node.restart();
  const late = await node.time.run(waiting);
  assert.ok(!failed(late), String(late));
  assert.equal(late.brokers.length, 1);
});

test('a request to a broker that there is none of fails at once', async () => {
  const node = await SingleNode.start();
  const client = node.openClient();
  const answer = await node.time.run(client.request({ node: asNodeId(9) }, DescribeCluster, REQUEST));
  assert.ok(failed(answer));
  assert.match(answer.message, /no broker 9: the cluster has 1/);
  assert.ok(node.time.nowMs < 60_000);
});

test('a request that the other side has no version of says which it has', async () => {
  const node = await SingleNode.start();
  const client = node.openClient();
  const answer = await node.time.run(client.request('any', DescribeCluster, REQUEST, { minVersion: 99 }));
  assert.ok(failed(answer));
  assert.equal(answer.code, Errors.UNSUPPORTED_VERSION);
});

test('a closed client ends what is under way', async () => {
  const node = await SingleNode.start();
  const client = node.openClient();
  node.cutOff('answers');
  const waiting = client.request('any', DescribeCluster, REQUEST);
  await node.time.advance(100);
  client.close();
  assert.ok(failed(await node.time.run(waiting, { limitMs: 2_000 })));
});
