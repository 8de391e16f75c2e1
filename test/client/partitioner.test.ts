import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TopicMetadata } from '../../src/client/cluster_metadata.ts';
import { murmur2, partitionOfKey, StickyPartitioner } from '../../src/client/producer/partitioner.ts';
import { Errors } from '../../src/model/error_codes.ts';
import { asLeaderEpoch, asNodeId, asPartitionIndex } from '../../src/model/ids.ts';
import { ZERO_UUID } from '../../src/model/uuid.ts';
import { SeededRandom } from '../../src/simulation/seeded_random.ts';

/** What Kafka's clients make of the keys. */
const KNOWN_HASHES: readonly [string, number][] = [
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
];

test("keys are hashed as Kafka's clients do", () => {
  for (const [key, hash] of KNOWN_HASHES) assert.equal(murmur2(Buffer.from(key)), hash, key);
  assert.equal(partitionOfKey(Buffer.from('21'), 7), (-973932308 & 0x7fffffff) % 7);
});

function topic(leaders: readonly number[]): TopicMetadata {
  return {
    name: 'events',
    topicId: ZERO_UUID,
    isInternal: false,
    errorCode: Errors.NONE,
    partitions: leaders.map((leader, index) => ({
      partition: asPartitionIndex(index),
      leader: asNodeId(leader),
      leaderEpoch: asLeaderEpoch(0),
      replicas: [],
      isr: [],
      offlineReplicas: [],
    })),
  };
}

test('records without a key stay with a partition for a batch, and avoid those without a leader', () => {
  const partitioner = new StickyPartitioner(new SeededRandom(1), 100);
  const chosen = Array.from({ length: 400 }, () => partitioner.choose(topic([1, -1, 2, 1]), 25));
  const runs = chosen.filter((partition, index) => index % 4 === 0 || partition === chosen[index - 1]);
  assert.equal(runs.length, 400, 'four records of 25 bytes go to the same partition');
  assert.deepEqual(new Set(chosen), new Set([0, 2, 3]));
});

test('a partition that lost its leader is left before the batch is full', () => {
  const partitioner = new StickyPartitioner(new SeededRandom(1), 1_000_000);
  const first = partitioner.choose(topic([1, 1]), 10);
  const leaders = [1, 1];
  leaders[first] = -1;
  assert.notEqual(partitioner.choose(topic(leaders), 10), first);
  // Where no partition has a leader, one is chosen all the same: leaders come back.
  assert.ok([0, 1].includes(new StickyPartitioner(new SeededRandom(2), 10).choose(topic([-1, -1]), 1)));
});
