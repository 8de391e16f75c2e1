import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClusterMetadata } from '../../src/client/cluster_metadata.ts';
import { AssignedPartition } from '../../src/client/consumer/assigned_partition.ts';
import { DEFAULT_CONSUMER_OPTIONS } from '../../src/client/consumer/consumer_options.ts';
import { FetchRequestPlan } from '../../src/client/consumer/fetch_request.ts';
import { Errors } from '../../src/model/error_codes.ts';
import { asLeaderEpoch, asNodeId, asOffset, asPartitionIndex } from '../../src/model/ids.ts';

const NEWEST = 17;
const TARGET = { topic: 'led', partition: asPartitionIndex(0) };

function metadata(): ClusterMetadata {
  const known = new ClusterMetadata();
  const broker = (nodeId: number) => ({ nodeId, host: `b${nodeId}`, port: 9092, rack: null });
  const partition = {
    errorCode: Errors.NONE,
    partitionIndex: 0,
    leaderId: 1,
    leaderEpoch: 8,
    replicaNodes: [1, 2],
    isrNodes: [1, 2],
    offlineReplicas: [],
  };
  const topic = {
    errorCode: Errors.NONE,
    name: 'led',
    topicId: '123e4567-e89b-42d3-a456-426614174000',
    isInternal: false,
    partitions: [partition],
    topicAuthorizedOperations: 0,
  };
  known.apply({
    throttleTimeMs: 0,
    brokers: [broker(1), broker(2)],
    clusterId: 'c',
    controllerId: 1,
    topics: [topic],
    clusterAuthorizedOperations: 0,
    errorCode: Errors.NONE,
  } as never);
  return known;
}

test('a broker is asked in the epoch in which it leads, whatever is learnt until the request goes out', () => {
  const known = metadata();
  const assigned = new AssignedPartition(TARGET, { offset: asOffset(31n) });
  const plan = new FetchRequestPlan([assigned], known);
  // It would answer as the follower of the next leader, and of its log.
  const leader = asNodeId(2);
  assert.ok(known.learnLeader({ ...TARGET, leader, leaderEpoch: asLeaderEpoch(9) }));
  const { topics } = plan.request(DEFAULT_CONSUMER_OPTIONS)(NEWEST);
  assert.equal(topics[0]!.partitions[0]!.currentLeaderEpoch, 8);
  const next = new FetchRequestPlan([assigned], known).request(DEFAULT_CONSUMER_OPTIONS)(NEWEST);
  assert.equal(next.topics[0]!.partitions[0]!.currentLeaderEpoch, 9);
});
