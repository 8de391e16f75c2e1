import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CreateTopics } from '../../src/messages/19_create_topics.ts';
import { DescribeLogDirs } from '../../src/messages/35_describe_log_dirs.ts';
import { Errors } from '../../src/model/error_codes.ts';
import { SingleNode } from '../support/single_node.ts';

test('log directories with their logs and their room', async () => {
  const node = await SingleNode.start(['log.dirs=/data/../a,/b']);
  const topics = ['first', 'second'].map(name => ({ name, numPartitions: 2, replicationFactor: 1 }));
  await node.send(CreateTopics, 7, {
    topics: topics.map(t => ({ ...t, assignments: [], configs: [] })),
    timeoutMs: 1000,
  });
  const all = await node.send(DescribeLogDirs, 5, { topics: null });
  assert.equal(all.errorCode, Errors.NONE);
  assert.deepEqual(
    all.results.map(({ logDir, errorCode }) => [logDir, errorCode]),
    [
      ['/a', Errors.NONE],
      ['/b', Errors.NONE],
    ],
  );
  const names = all.results.flatMap(({ topics }) =>
    topics.flatMap(({ name, partitions }) => partitions.map(each => `${name}-${each.partitionIndex}`)),
  );
  assert.deepEqual(names.sort(), ['first-0', 'first-1', 'second-0', 'second-1']);
  for (const { totalBytes, usableBytes, isCordoned } of all.results) {
    assert.equal(totalBytes, BigInt(node.disk.capacityBytes));
    assert.ok(usableBytes > 0n && usableBytes < totalBytes);
    assert.equal(isCordoned, false);
  }
  const some = await node.send(DescribeLogDirs, 1, {
    topics: [
      { topic: 'second', partitions: [1, 7] },
      { topic: 'none', partitions: [0] },
    ],
  });
  const found = some.results.flatMap(({ topics }) => topics);
  assert.deepEqual(found, [
    {
      name: 'second',
      partitions: [{ partitionIndex: 1, partitionSize: 0n, offsetLag: 0n, isFutureKey: false }],
    },
  ]);
  const none = await node.send(DescribeLogDirs, 4, { topics: [] });
  assert.deepEqual(
    none.results.map(({ topics }) => topics.length),
    [0, 0],
  );
  await node.stop();
});
