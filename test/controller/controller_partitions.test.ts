import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ElectLeadersRequest, ElectLeadersResponse } from '../../src/messages/43_elect_leaders.ts';
import {
  AlterPartitionReassignmentsRequest,
  AlterPartitionReassignmentsResponse,
} from '../../src/messages/45_alter_partition_reassignments.ts';
import {
  ListPartitionReassignmentsRequest,
  ListPartitionReassignmentsResponse,
} from '../../src/messages/46_list_partition_reassignments.ts';
import { AlterPartitionRequest, AlterPartitionResponse } from '../../src/messages/56_alter_partition.ts';
import { AllocateProducerIdsRequest } from '../../src/messages/67_allocate_producer_ids.ts';
import {
  AssignReplicasToDirsRequest,
  AssignReplicasToDirsResponse,
} from '../../src/messages/73_assign_replicas_to_dirs.ts';
import { ERROR_NAMES, Errors } from '../../src/model/error_codes.ts';
import { Failure } from '../../src/model/failure.ts';
import { answered, directoryOf, Harness, request } from './harness.ts';

async function clusterOf(count: number, settings: string[] = []): Promise<Harness> {
  const harness = await new Harness({ settings }).lead();
  await harness.start(Array.from({ length: count }, (_, index) => index + 1));
  return harness;
}

const nameOf = (code: number | undefined): string => ERROR_NAMES.get(code ?? -2) ?? String(code);

interface IsrChange {
  readonly isr: readonly (number | readonly [id: number, epoch: bigint])[];
  readonly from?: number;
  readonly leaderEpoch?: number;
  readonly partitionEpoch?: number;
  readonly recovery?: number;
  readonly index?: number;
  readonly topicId?: string;
}

async function changeIsr(harness: Harness, change: IsrChange) {
  const { index = 0 } = change;
  const partition = harness.topic('a').partitions[index];
  const from = change.from ?? partition?.leader ?? 1;
  const alter = request(AlterPartitionRequest, {
    brokerId: from,
    brokerEpoch: harness.epochOf(from),
    topics: [
      {
        topicId: change.topicId ?? harness.topic('a').id,
        partitions: [
          {
            partitionIndex: index,
            leaderEpoch: change.leaderEpoch ?? partition?.leaderEpoch ?? 0,
            newIsr: [],
            newIsrWithEpochs: change.isr.map(member => {
              const [brokerId, brokerEpoch] =
                typeof member === 'number' ? [member, harness.epochOf(member)] : member;
              return { brokerId, brokerEpoch };
            }),
            leaderRecoveryState: change.recovery ?? 0,
            partitionEpoch: change.partitionEpoch ?? partition?.partitionEpoch ?? 0,
          },
        ],
      },
    ],
  });
  const { topics } = answered(AlterPartitionResponse, await harness.controller.alterPartition(alter));
  return topics[0]!.partitions[0]!;
}

test('a leader reports who is in sync', async () => {
  const harness = await clusterOf(3);
  await harness.createAssigned('a', [[1, 2, 3]]);
  const shrunk = await changeIsr(harness, { isr: [1, 2] });
  assert.deepEqual([nameOf(shrunk.errorCode), shrunk.isr, shrunk.partitionEpoch], ['NONE', [1, 2], 1]);
  const grown = await changeIsr(harness, { isr: [1, 2, [3, -1n]] });
  assert.deepEqual(
    [grown.isr, grown.partitionEpoch, grown.leaderEpoch, grown.leaderId],
    [[1, 2, 3], 2, 0, 1],
  );
  const same = await changeIsr(harness, { isr: [1, 2, 3] });
  assert.deepEqual([nameOf(same.errorCode), same.partitionEpoch], ['NONE', 2]);
});

test('what a change of the in-sync replicas is refused for', async () => {
  const table: readonly (readonly [string, IsrChange, string])[] = [
    ['an unknown topic', { isr: [1], topicId: 'AAECAwQFBgcICQoLDA0ODw' }, 'UNKNOWN_TOPIC_ID'],
    ['an unknown partition', { isr: [1], index: 7 }, 'UNKNOWN_TOPIC_OR_PARTITION'],
    ['a leader epoch of the future', { isr: [1], leaderEpoch: 1 }, 'NOT_CONTROLLER'],
    ['a partition epoch of the future', { isr: [1], partitionEpoch: 9 }, 'NOT_CONTROLLER'],
    ['a leader epoch of the past', { isr: [1], leaderEpoch: -1 }, 'FENCED_LEADER_EPOCH'],
    ['a partition epoch of the past', { isr: [1], partitionEpoch: -1 }, 'INVALID_UPDATE_VERSION'],
    ['somebody who does not lead', { isr: [2], from: 2 }, 'INVALID_REQUEST'],
    ['without the leader', { isr: [2, 3] }, 'INVALID_REQUEST'],
    ['nobody', { isr: [] }, 'INVALID_REQUEST'],
    ['a replica twice', { isr: [1, 2, 2] }, 'INVALID_REQUEST'],
    ['no replica of it', { isr: [1, 4] }, 'INVALID_REQUEST'],
    ['an unknown recovery state', { isr: [1], recovery: 5 }, 'INVALID_REQUEST'],
    ['recovering and not alone', { isr: [1, 2], recovery: 1 }, 'INVALID_REQUEST'],
    ['recovering again', { isr: [1], recovery: 1 }, 'INVALID_REQUEST'],
    ['an earlier process of a broker', { isr: [1, [2, 0n]] }, 'INELIGIBLE_REPLICA'],
    ['a fenced broker', { isr: [1, 3] }, 'INELIGIBLE_REPLICA'],
  ];
  for (const [what, change, expected] of table) {
    const harness = await clusterOf(4);
    await harness.createAssigned('a', [[1, 2, 3]]);
    if (what === 'a fenced broker') await harness.heartbeat(3, { wantFence: true });
    const result = await changeIsr(harness, change);
    assert.equal(nameOf(result.errorCode), expected, what);
  }
});

test('the requests of a process that was replaced are refused as a whole', async () => {
  const harness = await clusterOf(1);
  const alter = request(AlterPartitionRequest, { brokerId: 1, brokerEpoch: 0n, topics: [] });
  const answer = await harness.controller.alterPartition(alter);
  assert.ok(answer instanceof Failure);
  assert.equal(answer.code, Errors.STALE_BROKER_EPOCH);
});

test('an older request names the members without their epochs', async () => {
  const harness = await clusterOf(2);
  await harness.createAssigned('a', [[1, 2]]);
  const partition = {
    partitionIndex: 0,
    leaderEpoch: 0,
    newIsr: [1],
    newIsrWithEpochs: [],
    partitionEpoch: 0,
  };
  const topics = [{ topicId: harness.topic('a').id, partitions: [partition, partition] }];
  const alter = request(AlterPartitionRequest, { brokerId: 1, brokerEpoch: harness.epochOf(1), topics }, 2);
  const response = answered(AlterPartitionResponse, await harness.controller.alterPartition(alter));
  const codes = response.topics[0]?.partitions.map(result => nameOf(result.errorCode));
  assert.deepEqual(codes, ['NONE', 'INVALID_REQUEST'], 'a partition is changed once');
  assert.deepEqual(harness.partition('a').isr, [1]);
});

async function reassign(
  harness: Harness,
  replicas: readonly number[] | null,
  { index = 0, allow = true } = {},
): Promise<string> {
  const alter = request(AlterPartitionReassignmentsRequest, {
    allowReplicationFactorChange: allow,
    topics: [{ name: 'a', partitions: [{ partitionIndex: index, replicas }] }],
  });
  const answer = await harness.controller.alterPartitionReassignments(alter);
  const { responses } = answered(AlterPartitionReassignmentsResponse, answer);
  return nameOf(responses[0]?.partitions[0]?.errorCode);
}

test('a reassignment adds, waits and removes', async () => {
  const harness = await clusterOf(5);
  await harness.createAssigned('a', [[1, 2, 3]]);
  assert.equal(await reassign(harness, [4, 5, 1]), 'NONE');
  const moving = harness.partition('a');
  assert.deepEqual(
    [moving.replicas, moving.addingReplicas, moving.removingReplicas, moving.leader],
    [[4, 5, 1, 2, 3], [4, 5], [2, 3], 1],
  );
  assert.deepEqual(moving.directories.slice(0, 2), [directoryOf(4), directoryOf(5)]);
  const list = (topics: { name: string; partitionIndexes: number[] }[] | null) =>
    answered(
      ListPartitionReassignmentsResponse,
      harness.controller.listPartitionReassignments(request(ListPartitionReassignmentsRequest, { topics })),
    ).topics;
  assert.deepEqual(list(null), [
    {
      name: 'a',
      partitions: [
        { partitionIndex: 0, replicas: [4, 5, 1, 2, 3], addingReplicas: [4, 5], removingReplicas: [2, 3] },
      ],
    },
  ]);
  assert.deepEqual(
    list([
      { name: 'a', partitionIndexes: [7] },
      { name: 'nope', partitionIndexes: [0] },
    ]),
    [],
  );
  assert.equal(nameOf((await changeIsr(harness, { isr: [1, 2, 3, 4] })).errorCode), 'NONE');
  assert.equal(harness.partition('a').isReassigning, true);
  assert.equal(nameOf((await changeIsr(harness, { isr: [1, 2, 3, 4, 5] })).errorCode), 'NONE');
  const moved = harness.partition('a');
  assert.deepEqual([moved.replicas, moved.isr, moved.leader], [[4, 5, 1], [1, 4, 5], 1]);
  assert.equal(moved.isReassigning, false);
  assert.deepEqual(list(null), []);
});

test('a leader that its own report takes out of the partition is told that another one leads', async () => {
  const harness = await clusterOf(3);
  await harness.createAssigned('a', [[1, 2]]);
  await reassign(harness, [2, 3]);
  const result = await changeIsr(harness, { isr: [1, 2, 3] });
  assert.equal(nameOf(result.errorCode), 'NEW_LEADER_ELECTED');
  assert.deepEqual([harness.partition('a').leader, harness.partition('a').replicas], [2, [2, 3]]);
});

test('a reassignment is given up', async () => {
  const harness = await clusterOf(4);
  await harness.createAssigned('a', [[1, 2]]);
  assert.equal(await reassign(harness, null), 'NO_REASSIGNMENT_IN_PROGRESS');
  await reassign(harness, [3, 4]);
  await changeIsr(harness, { isr: [1, 2, 3] });
  assert.equal(await reassign(harness, null), 'NONE');
  const { replicas, isr, isReassigning } = harness.partition('a');
  assert.deepEqual([replicas, isr, isReassigning], [[1, 2], [1, 2], false]);
});

test('a reassignment takes the place of one that is under way', async () => {
  const harness = await clusterOf(5);
  await harness.createAssigned('a', [[1, 4, 5]]);
  assert.equal(await reassign(harness, [3, 2, 1]), 'NONE');
  assert.equal(await reassign(harness, [2, 4, 1]), 'NONE');
  const { replicas, addingReplicas, removingReplicas } = harness.partition('a');
  assert.deepEqual(
    [replicas, addingReplicas, removingReplicas],
    [
      [2, 4, 1, 3, 5],
      [2, 3],
      [3, 5],
    ],
  );
  assert.equal(nameOf((await changeIsr(harness, { isr: [1, 2, 4, 5] })).errorCode), 'NONE');
  const moved = harness.partition('a');
  assert.deepEqual([moved.replicas, moved.isr, moved.isReassigning], [[2, 4, 1], [1, 2, 4], false]);
});

test('a reassignment back to what was there ends the one that is under way', async () => {
  const harness = await clusterOf(4);
  await harness.createAssigned('a', [[1, 2]]);
  await reassign(harness, [1, 3]);
  await reassign(harness, [1, 2]);
  const { replicas, isReassigning } = harness.partition('a');
  assert.deepEqual([replicas, isReassigning], [[1, 2], false]);
});

test('what is given up is all that was added since the partition was at rest', async () => {
  const harness = await clusterOf(5);
  await harness.createAssigned('a', [[1, 2]]);
  await reassign(harness, [1, 3]);
  await reassign(harness, [1, 4]);
  assert.deepEqual(harness.partition('a').addingReplicas, [3, 4]);
  assert.equal(await reassign(harness, null), 'NONE');
  assert.deepEqual([...harness.partition('a').replicas].sort(), [1, 2]);
});

test('it is not given up when that would lose records', async () => {
  for (const unclean of [false, true]) {
    const harness = await clusterOf(4);
    await harness.createAssigned('a', [[1, 2]], { 'unclean.leader.election.enable': String(unclean) });
    await reassign(harness, [3, 4]);
    await changeIsr(harness, { isr: [1, 2, 3] });
    for (const id of [1, 2]) harness.kill(id);
    await harness.pass(2400);
    assert.deepEqual(harness.partition('a').isr, [3]);
    assert.equal(await reassign(harness, null), unclean ? 'NONE' : 'INVALID_REPLICA_ASSIGNMENT');
  }
});

test('what a reassignment is refused for', async () => {
  const harness = await clusterOf(4);
  await harness.createAssigned('a', [[1, 2]]);
  assert.equal(await reassign(harness, []), 'INVALID_REPLICA_ASSIGNMENT');
  assert.equal(await reassign(harness, [1, 9]), 'INVALID_REPLICA_ASSIGNMENT');
  assert.equal(await reassign(harness, [1, 1]), 'INVALID_REPLICA_ASSIGNMENT');
  assert.equal(await reassign(harness, [1], { index: 3 }), 'UNKNOWN_TOPIC_OR_PARTITION');
  assert.equal(await reassign(harness, [1, 2, 3], { allow: false }), 'INVALID_REPLICATION_FACTOR');
  assert.equal(await reassign(harness, [3, 4], { allow: false }), 'NONE');
  assert.equal(await reassign(harness, [1, 4], { allow: false }), 'NONE');
  assert.equal(await reassign(harness, [1, 2, 4], { allow: false }), 'INVALID_REPLICATION_FACTOR');
});

async function elect(harness: Harness, electionType: number, partitions: number[] | null) {
  const topicPartitions =
    partitions === null
      ? null
      : [
          { topic: 'a', partitions },
          { topic: 'nope', partitions: [0] },
        ];
  const answer = await harness.controller.electLeaders(
    request(ElectLeadersRequest, { electionType, topicPartitions }),
  );
  return answered(ElectLeadersResponse, answer).replicaElectionResults.map(({ topic, partitionResult }) => [
    topic,
    ...partitionResult.map(result => `${result.partitionId} ${nameOf(result.errorCode)}`),
  ]);
}

test('preferred leaders are elected when they are asked for', async () => {
  const harness = await clusterOf(3);
  await harness.createAssigned('a', [
    [1, 2],
    [2, 3],
    [1, 3],
  ]);
  harness.kill(1);
  await harness.pass(2400);
  assert.deepEqual(await elect(harness, 0, [0, 1, 9, 0]), [
    [
      'a',
      '0 PREFERRED_LEADER_NOT_AVAILABLE',
      '1 ELECTION_NOT_NEEDED',
      '9 UNKNOWN_TOPIC_OR_PARTITION',
      '0 PREFERRED_LEADER_NOT_AVAILABLE',
    ],
    ['nope', '0 UNKNOWN_TOPIC_OR_PARTITION'],
  ]);
  await harness.start([1], { run: 1, previousEpoch: harness.epochOf(1) });
  await changeIsr(harness, { isr: [2, 1] });
  assert.deepEqual(await elect(harness, 0, null), [['a', '0 NONE', '2 PREFERRED_LEADER_NOT_AVAILABLE']]);
  assert.deepEqual([harness.partition('a').leader, harness.partition('a').leaderEpoch], [1, 2]);
});

test('an unclean election is held when it is asked for', async () => {
  const harness = await clusterOf(2);
  await harness.createAssigned('a', [
    [1, 2],
    [2, 1],
  ]);
  await changeIsr(harness, { isr: [1] });
  harness.kill(1);
  await harness.pass(2400);
  assert.equal(harness.partition('a').leader, -1);
  const [results] = await elect(harness, 1, [0, 1]);
  assert.deepEqual(results, ['a', '0 NONE', '1 ELECTION_NOT_NEEDED']);
  const { leader, isr, leaderRecoveryState } = harness.partition('a');
  assert.deepEqual([leader, isr, leaderRecoveryState], [2, [2], 1]);
  assert.equal(nameOf((await changeIsr(harness, { isr: [2] })).errorCode), 'NONE');
  assert.equal(harness.partition('a').leaderRecoveryState, 0);
});

test('there are two kinds of elections', async () => {
  const harness = await clusterOf(1);
  const answer = await harness.controller.electLeaders(
    request(ElectLeadersRequest, { electionType: 2, topicPartitions: null }),
  );
  assert.ok(answer instanceof Failure);
  assert.equal(answer.code, Errors.INVALID_REQUEST);
});

test('a topic that allows it gets an unclean leader by itself', async () => {
  const harness = await clusterOf(2);
  const allow = { 'unclean.leader.election.enable': 'true' };
  await harness.createAssigned('a', [[1, 2]], allow);
  await changeIsr(harness, { isr: [1] });
  harness.kill(1);
  await harness.pass(2400);
  const { leader, isr, leaderRecoveryState } = harness.partition('a');
  assert.deepEqual([leader, isr, leaderRecoveryState], [2, [2], 1]);
});

test('leaderships go back by themselves, some at a time', async () => {
  const settings = ['leader.imbalance.check.interval.seconds=10'];
  const harness = await clusterOf(2, settings);
  await harness.createTopics([{ name: 'a', numPartitions: 300, replicationFactor: 2 }]);
  harness.kill(1);
  await harness.pass(2400);
  const preferred = () =>
    harness.topic('a').partitions.filter(partition => partition.hasPreferredLeader).length;
  assert.equal(preferred(), 150);
  await harness.start([1], { run: 1, previousEpoch: harness.epochOf(1) });
  for (let index = 0; index < 300; index++) {
    if (!harness.partition('a', index).isr.includes(1 as never))
      await changeIsr(harness, { isr: [2, 1], index });
  }
  assert.equal(preferred(), 150);
  await harness.pass(8000);
  assert.equal(preferred(), 250, 'a hundred in the first round');
  await harness.pass(1200);
  assert.equal(preferred(), 300);
});

test('they stay when that is switched off', async () => {
  const settings = ['leader.imbalance.check.interval.seconds=1', 'auto.leader.rebalance.enable=false'];
  const harness = await clusterOf(2, settings);
  await harness.createAssigned('a', [[1, 2]]);
  await harness.heartbeat(1, { wantFence: true });
  await harness.heartbeat(1);
  await changeIsr(harness, { isr: [2, 1] });
  await harness.pass(4000);
  assert.equal(harness.partition('a').leader, 2);
});

test('producer ids are given out in blocks, to brokers that are registered', async () => {
  const harness = await clusterOf(2);
  const allocate = (id: number, epoch = harness.epochOf(id)) =>
    harness.controller.allocateProducerIds(
      request(AllocateProducerIdsRequest, { brokerId: id, brokerEpoch: epoch }),
    );
  for (const [id, start] of [
    [1, 0n],
    [2, 1000n],
    [1, 2000n],
  ] as const) {
    const answer = await allocate(id);
    assert.ok(!(answer instanceof Failure));
    assert.deepEqual([answer.producerIdStart, answer.producerIdLen], [start, 1000]);
  }
  const stale = await allocate(1, 0n);
  assert.ok(stale instanceof Failure);
  assert.equal(stale.code, Errors.STALE_BROKER_EPOCH);
});

test('brokers say in which directories their replicas are', async () => {
  const harness = await clusterOf(3, ['min.insync.replicas=2']);
  await harness.createAssigned('a', [
    [1, 2],
    [2, 3],
  ]);
  const topicId = harness.topic('a').id;
  const assign = async (id: string, indexes: number[], topic: string = topicId) => {
    const input = {
      brokerId: 1,
      brokerEpoch: harness.epochOf(1),
      directories: [
        { id, topics: [{ topicId: topic, partitions: indexes.map(partitionIndex => ({ partitionIndex })) }] },
      ],
    };
    const answer = await harness.controller.assignReplicasToDirs(request(AssignReplicasToDirsRequest, input));
    const { directories } = answered(AssignReplicasToDirsResponse, answer);
    return directories[0]?.topics[0]?.partitions.map(partition => nameOf(partition.errorCode));
  };
  assert.deepEqual(await assign(directoryOf(1), [0, 1, 5]), [
    'NONE',
    'NOT_LEADER_OR_FOLLOWER',
    'UNKNOWN_TOPIC_OR_PARTITION',
  ]);
  assert.deepEqual(await assign(directoryOf(1), [0], directoryOf(7)), ['UNKNOWN_TOPIC_ID']);
  // A directory that is not online: the replica is lost from there on.
  assert.deepEqual(await assign(directoryOf(1, 5), [0]), ['NONE']);
  const { leader, isr, directories } = harness.partition('a');
  assert.deepEqual([leader, isr, directories[0]], [2, [2], directoryOf(1, 5)]);
});
